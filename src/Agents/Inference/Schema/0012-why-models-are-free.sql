-- Whoever looks at what becomes of models without a price sees why, and who said so, without going through audit logs.
-- Rows of older releases, and what an older release writes meanwhile, have neither.

alter table inference.unpriced_models
    add column reason text,
    add column changed_by text;
