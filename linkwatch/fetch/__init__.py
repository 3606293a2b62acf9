"""The only room that touches the network.

visit        one address, hop by hop, to a `Visit`
robots       what a host lets us visit      politeness   when it may be asked
exchange     one request and its answer     body, head   what comes, bounded and mended
client       one connection, under httpx's transport interface
dial         name → address → check (guard) → connection      resolver, wire, tls      its parts
cookies      from hop to hop                stopwatch    the time one link may take
faults       how a failure becomes a `Fault`
"""
