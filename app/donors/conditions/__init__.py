"""Conditions of the donor list: fields, and groups of conditions joined by and / or."""
