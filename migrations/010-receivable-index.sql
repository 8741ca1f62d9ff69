-- What is open on an invoice depends on the others of its account: these columns answer it without touching the snapshots.
CREATE INDEX invoice_open ON invoice (account_id, due_on, id, issued_on, charges_cents, kind);
