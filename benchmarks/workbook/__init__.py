"""How long an export as a workbook takes."""
