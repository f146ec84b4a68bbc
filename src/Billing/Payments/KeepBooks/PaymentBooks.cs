using Npgsql;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Payments.Internal;
using Quoin.Platform;

namespace Quoin.Payments.KeepBooks;

/// <summary>A fact of the provider for the books.</summary>
/// <param name="Key">Its natural key; the books know it once.</param>
/// <param name="Place">Whose fact.</param>
/// <param name="Source">The provider's id of what it is about.</param>
/// <param name="ClearingMinor">What it adds to the money at the provider, in minor units; negative takes.</param>
/// <param name="Reference">What led to it, for a person: ids, not content.</param>
internal sealed record NewPosting(
    string Key, ProviderPlace Place, string Source, long ClearingMinor, string Reference);

/// <summary>A fact that stands in the books.</summary>
/// <param name="Transfer">Its transfer.</param>
/// <param name="Grant">The grant it made; null for what makes none.</param>
/// <param name="IsNew">Whether it came to stand there now.</param>
internal sealed record StandingPosting(TransferId Transfer, GrantId? Grant, bool IsNew);

/// <summary>
/// The one place of payments that writes in the books: inside the caller's transaction, last. What was posted is kept
/// beside, so that a fact told again, with whatever time or words, finds itself there.
/// </summary>
internal sealed class PaymentBooks(Ledger.Ledger ledger, OrganisationClock clock)
{
    private const string FindSql = """
        select transfer_id, grant_id
        from payments.postings
        where org_id = $1
          and key = $2
        """;

    /// <summary>What stands under a key; null when nothing does.</summary>
    public static async Task<StandingPosting?> Find(LockedAccount account, string key, CancellationToken cancellationToken) =>
        await account.Transaction.Sql(FindSql, account.Org.Value, key).Only(
            row => new StandingPosting(
                new TransferId(row.GetGuid(0)), row.IdOrNull(1) is { } grant ? new GrantId(grant) : null, IsNew: false),
            cancellationToken);

    /// <summary>Posts a fact that the books take always.</summary>
    /// <exception cref="InvalidOperationException">They did not take it: a bug.</exception>
    public async Task<StandingPosting> Post(
        LockedAccount account, NewPosting posting, BusinessFact fact, CancellationToken cancellationToken) =>
        await TryPost(account, posting, fact, cancellationToken)
            ?? throw new InvalidOperationException($"The books refused {posting.Key}, a {fact.Kind}.");

    /// <summary>Posts a fact that takes from a grant.</summary>
    /// <returns>Null when the grant has too little left; nothing was posted.</returns>
    public async Task<StandingPosting?> TryPost(
        LockedAccount account, NewPosting posting, BusinessFact fact, CancellationToken cancellationToken)
    {
        if (await Find(account, posting.Key, cancellationToken) is { } standing)
        {
            return standing;
        }

        account.Enter(LockStage.Ledger);
        var request = new TransferRequest(
            account.Org,
            account.BillingAccount,
            posting.Key,
            fact,
            await clock.Now(account.Org, cancellationToken),
            posting.Reference);
        var outcome = await ledger.RunWithin(account.Transaction, new PostTransfer(request), cancellationToken);
        if (outcome is PostOutcome.InsufficientFunds)
        {
            return null;
        }

        var transfer = outcome is PostOutcome.Posted posted
            ? posted.Id
            : throw new InvalidOperationException($"Posting {posting.Key} ended as {outcome}.");
        await Keep(account, posting, fact.Kind, fact.Amount.Currency, transfer, grant: null, cancellationToken);
        return new StandingPosting(transfer, null, IsNew: true);
    }

    /// <summary>Gives credit.</summary>
    public async Task<StandingPosting> Grant(
        LockedAccount account, NewPosting posting, Money amount, GrantSource source, CancellationToken cancellationToken)
    {
        if (await Find(account, posting.Key, cancellationToken) is { } standing)
        {
            return standing;
        }

        account.Enter(LockStage.Ledger);
        var command = new CreateGrant(
            account.Org,
            account.BillingAccount,
            posting.Key,
            amount,
            source,
            await clock.Now(account.Org, cancellationToken),
            posting.Reference);
        var outcome = await ledger.RunWithin(account.Transaction, command, cancellationToken);
        if (outcome is not GrantOutcome.Granted granted)
        {
            throw new InvalidOperationException($"Granting {posting.Key} ended as {outcome}.");
        }

        var kind = $"credit_{Word.Of(source)}";
        await Keep(account, posting, kind, amount.Currency, granted.Transfer, granted.Id, cancellationToken);
        return new StandingPosting(granted.Transfer, granted.Id, IsNew: true);
    }

    private const string KeepSql = """
        insert into payments.postings
            (org_id, key, billing_account_id, kind, provider, mode, source, clearing_minor, currency, transfer_id, grant_id,
            posted_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        """;

    private static Task<int> Keep(
        LockedAccount account,
        NewPosting posting,
        string kind,
        Currency currency,
        TransferId transfer,
        GrantId? grant,
        CancellationToken cancellationToken) =>
        account.Transaction.Sql(
            KeepSql,
            account.Org.Value,
            posting.Key,
            account.BillingAccount.Value,
            kind,
            posting.Place.Provider,
            posting.Place.ModeWord,
            posting.Source,
            posting.ClearingMinor,
            currency.Code,
            transfer.Value,
            grant?.Value,
            account.Now).Run(cancellationToken);
}
