-- What a user may do within a team, besides what both may do altogether.

alter table inference.spenders
    drop constraint spenders_kind_check,
    add constraint spenders_kind_check check (kind in ('team', 'user', 'member', 'customer'));
