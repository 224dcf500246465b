"""python -m app: every command of DonorCRM."""

from app.cli import main

if __name__ == "__main__":
    main()
