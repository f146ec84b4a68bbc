-- The operator looks through everything that happened in billing, of all organisations, the newest first: ids are ordered
-- by time, and these are the tables whose key begins with something else.

create index requests_by_id on payments.requests (request_id);
create index checkouts_by_id on payments.checkouts (checkout_id);
create index subscriptions_by_id on payments.subscriptions (subscription_id);
create index invoices_by_id on payments.invoices (invoice_id);
create index payments_by_id on payments.payments (payment_id);
create index method_syncs_by_id on payments.payment_method_syncs (sync_id);
create index remediations_by_id on payments.remediations (remediation_id);
create index run_findings_by_id on payments.reconciliation_findings (finding_id);
create index purchases_by_id on payments.purchases (purchase_id);
create index refunds_by_id on payments.refunds (refund_id);
create index disputes_by_id on payments.disputes (dispute_id);
create index charges_by_id on payments.auto_top_up_charges (charge_id);
create index postings_by_transfer on payments.postings (transfer_id);
create index findings_by_id on payments.findings (finding_id);
