"""Sweden's 21 counties by their letter (SCB's codes in alphabetical order of the county's official number)."""

COUNTIES: dict[str, str] = {
    "AB": "Stockholm", "C": "Uppsala", "D": "Södermanland", "E": "Östergötland", "F": "Jönköping", "G": "Kronoberg",
    "H": "Kalmar", "I": "Gotland", "K": "Blekinge", "M": "Skåne", "N": "Halland", "O": "Västra Götaland",
    "S": "Värmland", "T": "Örebro", "U": "Västmanland", "W": "Dalarna", "X": "Gävleborg", "Y": "Västernorrland",
    "Z": "Jämtland", "AC": "Västerbotten", "BD": "Norrbotten",
}  # fmt: skip
