-- The provider's name of the call that ended a request: what its support asks for, and what leads from a request to the
-- provider's own log of it. And payment links are looked through by id, of all organisations, as everything else is.

alter table payments.requests
    add column provider_request_id text check (length(provider_request_id) between 1 and 191);

create index payment_links_by_id on payments.payment_links (payment_link_id);
