import sys

try:
    from linkwatch.cli import main
except KeyboardInterrupt:  # while the modules were still being read
    sys.exit(130)

main()
