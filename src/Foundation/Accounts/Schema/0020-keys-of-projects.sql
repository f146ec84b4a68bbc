-- A key may belong to a project and then is billed with it: the door checks that the project is there and in use, and the
-- table says so again. Keys from before were not checked, so theirs are left as they are.

alter table accounts.keys
    add constraint keys_of_a_project
        foreign key (org_id, project_id) references accounts.projects not valid;

create index billing_accounts_of_project
    on accounts.billing_accounts (org_id, project_id)
    where project_id is not null;
