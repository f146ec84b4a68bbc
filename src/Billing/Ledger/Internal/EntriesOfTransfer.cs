namespace Quoin.Ledger.Internal;

/// <summary>
/// How a transfer's own entries are found: entries have one index, that of their account, and those of a transfer are all
/// on accounts of its billing account. So each of these is probed: one of a kind, and the grants.
/// </summary>
internal static class EntriesOfTransfer
{
    /// <summary>Joins the entries <c>e</c> of a transfer <c>t</c>. The offset keeps it a probe, whatever the planner believes.</summary>
    public const string Join = """
        cross join lateral (
                select a.account_id
                from ledger.accounts a
                where a.org_id = t.org_id
                    and a.billing_account_id = t.billing_account_id
                    and a.kind <> 'grants'
                union all
                select g.grant_id
                from ledger.grants g
                where g.org_id = t.org_id
                    and g.billing_account_id = t.billing_account_id
            ) own
            cross join lateral (
                select *
                from ledger.entries one
                where one.org_id = t.org_id
                    and one.account_id = own.account_id
                    and one.transfer_id = t.transfer_id
                offset 0
            ) e
        """;

    /// <summary>Whether a transfer <c>t</c> has entries: one that moved nothing has none.</summary>
    public const string Exist = $"""
        exists (
                select
                from (select t.org_id, t.transfer_id, t.billing_account_id) t
                {Join}
            )
        """;
}
