"""Entry point of the scheduler process: python -m jobs [worker | list | run NAME]."""

from app.kit.garbage import without_collection

if __name__ == "__main__":
    with without_collection():
        from jobs.commands import main
    main()
