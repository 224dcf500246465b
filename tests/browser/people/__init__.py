"""Browser tests of the screens about the people of the organisation."""
