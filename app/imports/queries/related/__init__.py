"""SQL of what belongs to donors, gifts and pledges: tags, contact details, households and more."""
