-- The operator's people change and leave: their roles are changed by the door, and who is none any more has no row. What
-- they did keeps its name, as the audit log says who they are.

grant delete on accounts.operators to quoin_app;
