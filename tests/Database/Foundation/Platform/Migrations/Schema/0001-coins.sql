-- A module's first table, for the tests of migrating.
create table samples.coins (
    id integer primary key
);

grant select, insert on samples.coins to quoin_app;
