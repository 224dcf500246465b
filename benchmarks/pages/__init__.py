"""What a click costs the browser and the server, beside a page of the framework."""
