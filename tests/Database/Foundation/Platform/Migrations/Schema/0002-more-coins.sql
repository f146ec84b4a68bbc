-- A later file that needs the first, and fails where purses exist already.
insert into samples.coins (id) values (1);

create table samples.purses (
    id integer primary key
);
