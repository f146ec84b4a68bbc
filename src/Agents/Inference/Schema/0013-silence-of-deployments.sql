-- A deployment may be silent for less, or more, than its provider may: a model that thinks for long says nothing meanwhile.

alter table inference.deployments
    add column idle_seconds integer check (idle_seconds > 0);
