"""API routes for the contact details of donors, their households and relations."""
