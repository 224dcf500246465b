"""How DonorCRM is run on servers: files for many tools, and the same shape on one machine."""
