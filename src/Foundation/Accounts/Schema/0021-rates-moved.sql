-- Rates are kept by Platform, of every kind in one table. What was counted here is forgotten: it is worth minutes.

drop table accounts.rates;
