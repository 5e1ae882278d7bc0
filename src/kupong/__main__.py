"""`python -m kupong` is the command `kupong`."""

from kupong.boot.main import main

if __name__ == "__main__":
    main()
