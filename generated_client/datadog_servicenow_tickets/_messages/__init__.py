"""What is written and what is read: requests, answers, addresses, reasons."""
