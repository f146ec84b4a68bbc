-- A handler can say in its own transaction that its request is done. A host that dies after that commit and before it
-- keeps the answer then leaves a request whose repetition is told so, and does nothing. The previous release, running
-- beside this one, leaves the column alone and does such a repetition again, as it always did.

alter table platform.idempotency_keys
    add column is_done boolean not null default false;
