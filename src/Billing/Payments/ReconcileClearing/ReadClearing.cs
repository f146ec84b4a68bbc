using Microsoft.Extensions.Logging;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Payments.AnswerDisputes;
using Quoin.Payments.Internal;
using Quoin.Payments.KeepBooks;
using Quoin.Payments.RefundPayments;
using Quoin.Platform;

namespace Quoin.Payments.ReconcileClearing;

/// <summary>
/// Reads what the provider moved and paid out, and puts fees and payouts into the books of whom they belong to, each once:
/// (1) movements since the last time, with some days before them; (2) payouts, and what each carried; (3) refunds and
/// disputes that moved money and of which no news came, and disputes that are open here; (4) whose each is, by its charge,
/// refund or dispute, those of before too; (5) fees; (6) payouts that are whole, and again those of which more is known now.
/// What stays is what the report shows.
/// </summary>
internal sealed class ReadClearing(
    NpgsqlDataSource database,
    ClearingStore store,
    ProviderIds directory,
    ProjectRefund refunds,
    ProjectDispute disputes,
    AccountLock locks,
    PaymentBooks books,
    IPaymentProviders providers,
    Guardrails guardrails,
    TimeProvider time,
    ILogger<ReadClearing> logger)
{
    // The provider dates by its own clock, and payouts carry what came days before.
    private static readonly TimeSpan Overlap = TimeSpan.FromDays(3);
    private static readonly TimeSpan PayoutsBack = TimeSpan.FromDays(14);
    private static readonly TimeSpan CarriedBack = TimeSpan.FromDays(60);
    private static readonly TimeSpan FirstBack = TimeSpan.FromDays(60);

    // What is nobody's after this holds up the rest of its payout no longer.
    private static readonly TimeSpan WaitForOwners = TimeSpan.FromDays(7);

    // Whose something is may become known late: news came late, or an operator said so.
    private static readonly TimeSpan OwnersBack = TimeSpan.FromDays(90);

    // News comes within the hour, mostly: what it tells is not asked for before.
    private static readonly TimeSpan WaitForNews = TimeSpan.FromHours(1);

    private static readonly Dictionary<string, string[]> KindsOfSources = new(StringComparer.Ordinal)
    {
        ["charge"] = [ProviderIds.Charge, ProviderIds.Payment],
        ["refund"] = [ProviderIds.Refund],
        ["dispute"] = [ProviderIds.Dispute],
    };

    /// <summary>Reads of both modes.</summary>
    public async Task Run(CancellationToken cancellationToken)
    {
        foreach (var mode in Enum.GetValues<PaymentMode>())
        {
            await Run(mode, cancellationToken);
        }
    }

    /// <summary>Reads of one mode; nothing where no provider serves it.</summary>
    public async Task Run(PaymentMode mode, CancellationToken cancellationToken)
    {
        if (providers.Of(mode) is not { } provider)
        {
            return;
        }

        var place = new ProviderPlace(provider.Name, mode);
        var now = Instant.Now(time);
        var since = (await store.Cursor(place, cancellationToken) ?? now - FirstBack) - Overlap;
        var moves = Done(await provider.BalanceMoves(since, payout: null, cancellationToken));
        await Keep(place, moves.Items, now, cancellationToken);
        var payouts = Done(await provider.Payouts(since - PayoutsBack, cancellationToken));
        foreach (var payout in payouts.Items)
        {
            await store.Save(place, payout, now, cancellationToken);
            var carried = Done(await provider.BalanceMoves(payout.CreatedAt - CarriedBack, payout.Id, cancellationToken));
            await Keep(place, carried.Items, now, cancellationToken);
        }

        var failures = new Failures();
        await TakeInUntold(provider, place, now, failures, cancellationToken);
        await AskAboutOpen(provider, place, now, failures, cancellationToken);
        await FindOwners(place, now, cancellationToken);
        await BookFees(place, failures, cancellationToken);
        await BookPayouts(place, now, failures, cancellationToken);
        if (moves.IsWhole && payouts.IsWhole)
        {
            await store.Advance(place, now, cancellationToken);
        }
        else
        {
            guardrails.Met(Guardrails.ClearingMismatch, "truncated");
            Log.ClearingTruncated(logger, place.Provider, mode, since);
        }

        failures.ThrowIfAny();
    }

    private static ProviderList<T> Done<T>(ProviderOutcome<ProviderList<T>> outcome) =>
        outcome is ProviderOutcome<ProviderList<T>>.Done(var list, _)
            ? list
            : throw new ProviderSilentException($"its balance ended as {outcome}");

    private async Task Keep(
        ProviderPlace place,
        IReadOnlyList<ProviderBalanceMove> moves,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        foreach (var move in moves)
        {
            await store.Save(place, move, now, cancellationToken);
        }
    }

    // The newest first: what is another program's at the same provider stays nobody's, and must not be in the way.
    private async Task TakeInUntold(
        IPaymentProvider provider, ProviderPlace place, DateTimeOffset now, Failures failures, CancellationToken cancellationToken)
    {
        foreach (var kind in new[] { "refund", "dispute" })
        {
            var sources = await store.Untold(
                place, kind, (now - OwnersBack, now - WaitForNews), Limits.UntoldAskedMax, cancellationToken);
            var known = await directory.Find(KindsOfSources[kind][0], place, [.. sources], cancellationToken);
            foreach (var source in sources.Where(source => !known.ContainsKey(source)))
            {
                await failures.Keep(() => kind == "refund"
                    ? TakeInRefund(provider, place, source, cancellationToken)
                    : TakeInDispute(provider, place, source, cancellationToken));
            }
        }
    }

    // A bank decides after weeks; should the news of it be lost, money that came back would never be booked.
    private async Task AskAboutOpen(
        IPaymentProvider provider, ProviderPlace place, DateTimeOffset now, Failures failures, CancellationToken cancellationToken)
    {
        var after = (Org: Guid.Empty, Dispute: Guid.Empty);
        while (true)
        {
            var page = await store.OpenDisputes(place, now - WaitForNews, after, Limits.ClearingRowsMax, cancellationToken);
            foreach (var one in page)
            {
                await failures.Keep(() => TakeInDispute(provider, place, one.ProviderId, cancellationToken));
            }

            if (page.Count < Limits.ClearingRowsMax)
            {
                return;
            }

            after = (page[^1].Org, page[^1].Dispute);
        }
    }

    private async Task TakeInRefund(
        IPaymentProvider provider, ProviderPlace place, string id, CancellationToken cancellationToken)
    {
        if (await provider.FindRefund(id, cancellationToken) is ProviderOutcome<ProviderRefund>.Done(var said, _)
            && await AccountOf(place, said.Payment, said.Charge, cancellationToken) is { } account)
        {
            await Under(account, locked => refunds.Apply(locked, place, said, cancellationToken), cancellationToken);
        }
    }

    private async Task TakeInDispute(
        IPaymentProvider provider, ProviderPlace place, string id, CancellationToken cancellationToken)
    {
        if (await provider.Dispute(id, cancellationToken) is ProviderOutcome<ProviderDispute>.Done(var said, _)
            && await AccountOf(place, said.Payment, said.Charge, cancellationToken) is { } account)
        {
            await Under(account, locked => disputes.Apply(locked, place, said, cancellationToken), cancellationToken);
        }
    }

    private async Task<BillingAccountKey?> AccountOf(
        ProviderPlace place, string? payment, string? charge, CancellationToken cancellationToken)
    {
        var found = payment is null
            ? null
            : await directory.Find(ProviderIds.Payment, place, payment, cancellationToken);
        found ??= charge is null
            ? null
            : await directory.Find(ProviderIds.Charge, place, charge, cancellationToken);
        return found is null ? null : await store.AccountOf(found, cancellationToken);
    }

    private async Task FindOwners(ProviderPlace place, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var after = (At: now - OwnersBack, Move: string.Empty);
        while (true)
        {
            var page = await store.Unowned(place, after, Limits.ClearingRowsMax, cancellationToken);
            foreach (var group in page.GroupBy(move => move.Kind, StringComparer.Ordinal))
            {
                await FindOwners(place, KindsOfSources[group.Key], [.. group], cancellationToken);
            }

            if (page.Count < Limits.ClearingRowsMax)
            {
                return;
            }

            after = (page[^1].MovedAt, page[^1].Id);
        }
    }

    private async Task FindOwners(
        ProviderPlace place, string[] kinds, UnownedMove[] moves, CancellationToken cancellationToken)
    {
        var sources = moves.Select(move => move.Source).ToHashSet(StringComparer.Ordinal);
        var owners = new Dictionary<string, DirectoryPlace>(StringComparer.Ordinal);
        foreach (var kind in kinds)
        {
            foreach (var (source, found) in await directory.Find(kind, place, sources, cancellationToken))
            {
                owners.TryAdd(source, found);
            }
        }

        foreach (var move in moves.Where(move => owners.ContainsKey(move.Source)))
        {
            if (await store.AccountOf(owners[move.Source], cancellationToken) is { } account)
            {
                await store.Own(place, move.Id, account, cancellationToken);
            }
        }
    }

    private async Task BookFees(ProviderPlace place, Failures failures, CancellationToken cancellationToken)
    {
        foreach (var fee in await store.OpenFees(place, Limits.ClearingRowsMax, cancellationToken))
        {
            await failures.Keep(() => Under(
                fee.Account,
                async account =>
                {
                    var posting = new NewPosting($"fee/{fee.Move}", place, fee.Move, -fee.Minor, $"fee of {fee.Move}");
                    var amount = MinorUnits.ToMoney(fee.Minor, Currency.Of(fee.Currency));
                    await books.Post(account, posting, new BusinessFact.ProcessorFee(amount), cancellationToken);
                    await ClearingStore.FeeBooked(account, place, fee.Move, cancellationToken);
                },
                cancellationToken));
        }
    }

    private async Task BookPayouts(
        ProviderPlace place, DateTimeOffset now, Failures failures, CancellationToken cancellationToken)
    {
        foreach (var payout in await store.OpenPayouts(place, Limits.ClearingRowsMax, cancellationToken))
        {
            await failures.Keep(() => BookPayout(place, payout, now, cancellationToken));
        }
    }

    private async Task BookPayout(
        ProviderPlace place, PayoutRow payout, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var isReversed = payout.IsBooked;
        if (!isReversed && !await store.IsWhole(place, payout.Id, cancellationToken) && payout.MadeAt > now - WaitForOwners)
        {
            return;
        }

        foreach (var share in await store.Shares(place, payout.Id, cancellationToken))
        {
            await Under(
                share.Account,
                account => Book(account, place, payout.Id, share, isReversed, cancellationToken),
                cancellationToken);
        }

        await store.PayoutBooked(place, payout.Id, isReversed, now, cancellationToken);
    }

    private async Task Book(
        LockedAccount account,
        ProviderPlace place,
        string payout,
        CarriedShare share,
        bool isReversed,
        CancellationToken cancellationToken)
    {
        // Of a payout that failed nothing is left in the books; of another one, what it carried.
        var posted = await ClearingStore.Posted(account, place, payout, share.Currency, cancellationToken);
        var missing = (isReversed ? 0 : -share.Minor) - posted.Minor;
        if (missing == 0)
        {
            return;
        }

        var key = isReversed ? $"payout/{payout}/{account.BillingAccount}/failed" : $"payout/{payout}/{account.BillingAccount}";
        var more = !isReversed && posted.Count > 0 ? $"/{share.Minor}" : string.Empty;
        var posting = new NewPosting($"{key}/{share.Currency}{more}", place, payout, missing, $"payout {payout}");
        var amount = MinorUnits.ToMoney(-missing, Currency.Of(share.Currency));
        await books.Post(account, posting, new BusinessFact.Payout(amount), cancellationToken);
    }

    private async Task Under(BillingAccountKey key, Func<LockedAccount, Task> act, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await act(await locks.Take(transaction, key, cancellationToken));
        await transaction.CommitAsync(cancellationToken);
    }
}
