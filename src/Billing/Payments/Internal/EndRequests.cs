using Microsoft.Extensions.Logging;
using Npgsql;
using Quoin.Accounts;
using Quoin.Payments.RecoverRequests;
using Quoin.Payments.StartCheckout;

namespace Quoin.Payments.Internal;

/// <summary>
/// Ends requests outside their own success: in a transaction of its own, under the account's lock, and only while the
/// caller still holds the lease.
/// </summary>
internal sealed class EndRequests(
    NpgsqlDataSource database,
    AccountLock accounts,
    RequestStore requests,
    CheckoutHolds holds,
    PaymentsOptions options,
    Guardrails guardrails,
    ILogger<EndRequests> logger)
{
    /// <summary>Ends a request without success.</summary>
    /// <param name="held">As this worker holds it.</param>
    /// <param name="failure">Why.</param>
    /// <param name="isExpired">Whether its outcome was never learnt, instead of refused.</param>
    /// <param name="holdUntil">
    /// Until when somebody may still pay at what the provider may have made; null when nobody can.
    /// </param>
    /// <param name="cancellationToken">Stops before the commit.</param>
    public async Task<PaymentRequestOutcome> Fail(
        RequestRow held,
        RequestFailure failure,
        bool isExpired,
        DateTimeOffset? holdUntil,
        CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var (account, locked) = await Lock(transaction, held, cancellationToken);
        if (Overtaken(held, locked) is { } other)
        {
            return other;
        }

        // The hold and the end in one transaction: there is no instant at which neither is in the way.
        if (holdUntil is { } until)
        {
            await holds.Materialize(account, locked, until, cancellationToken);
        }

        await requests.End(account, locked, isExpired, failure, providerObject: null, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        guardrails.Met(Guardrails.RecoveryFailure, failure.Code);
        Log.GivenUp(logger, held.Id, held.OperationKey, failure.Code, holdUntil);
        return RequestAnswers.Of(failure);
    }

    /// <summary>Ends a request well that leaves no rows of its own.</summary>
    /// <param name="held">As this worker holds it.</param>
    /// <param name="response">The answer, as JSON.</param>
    /// <param name="providerObject">The provider's id of what it made.</param>
    /// <param name="cancellationToken">Stops before the commit.</param>
    public Task<PaymentRequestOutcome> Succeed(
        RequestRow held, string response, string providerObject, CancellationToken cancellationToken) =>
        Succeed(held, response, providerObject, (_, _) => Task.CompletedTask, cancellationToken);

    /// <summary>Ends a request well, with the row of what it made.</summary>
    /// <param name="held">As this worker holds it.</param>
    /// <param name="response">The answer, as JSON.</param>
    /// <param name="providerObject">The provider's id of what it made.</param>
    /// <param name="keep">Stores what it made, in the same transaction.</param>
    /// <param name="cancellationToken">Stops before the commit.</param>
    public async Task<PaymentRequestOutcome> Succeed(
        RequestRow held,
        string response,
        string providerObject,
        Func<LockedAccount, CancellationToken, Task> keep,
        CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var (account, locked) = await Lock(transaction, held, cancellationToken);
        if (Overtaken(held, locked) is { } other)
        {
            return other;
        }

        await keep(account, cancellationToken);
        await requests.Succeed(account, locked, response, providerObject, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new PaymentRequestOutcome.Answered(response, IsReplayed: false);
    }

    /// <summary>Ends a request whose call may not be sent again.</summary>
    public Task<PaymentRequestOutcome> GiveUp(
        RequestRow held, ReplayVerdict verdict, DateTimeOffset? holdUntil, CancellationToken cancellationToken)
    {
        var (problem, isExpired) = verdict switch
        {
            ReplayVerdict.DeadlinePassed => (PaymentsProblems.CheckoutRecoveryWindowElapsed, true),
            ReplayVerdict.OtherProvenance => (PaymentsProblems.CheckoutReplayProvenanceMismatch, false),
            _ => (PaymentsProblems.CheckoutConfigurationInvalid, false),
        };
        foreach (var code in verdict switch
        {
            ReplayVerdict.OtherProvenance => new[] { Guardrails.BaselineDrift, Guardrails.ProvenanceMismatch },
            ReplayVerdict.HashMismatch => [Guardrails.RequestHashMismatch],
            _ => [],
        })
        {
            guardrails.Met(code);
        }

        return Fail(held, new RequestFailure(problem.Code, problem.Title), isExpired, holdUntil, cancellationToken);
    }

    /// <summary>Freezes what will be sent, in the caller's transaction that holds the request.</summary>
    public async Task<RequestRow> Freeze(
        LockedAccount account,
        RequestRow request,
        FrozenRequest frozen,
        DateTimeOffset? upperBoundAt,
        CancellationToken cancellationToken)
    {
        var deadline = frozen.At + options.ReplayWindow;
        return await requests.Freeze(account, request, frozen, deadline, upperBoundAt, cancellationToken)
            ? request with { Frozen = frozen, ReplayDeadlineAt = deadline, UpperBoundAt = upperBoundAt }
            : throw new InvalidOperationException($"{request.Id} changed while it was locked.");
    }

    /// <summary>
    /// Freezes what will be sent in a transaction of its own, where making it took calls of the provider.
    /// </summary>
    /// <returns>The frozen request; or, where it is not the caller's any more, what it is.</returns>
    public async Task<(RequestRow? Frozen, PaymentRequestOutcome? Other)> FreezeLater(
        RequestRow held, string text, string schema, ProviderProvenance provenance, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var (account, locked) = await Lock(transaction, held, cancellationToken);
        if (Overtaken(held, locked) is { } other)
        {
            return (null, other);
        }

        var frozen = new FrozenRequest(text, CanonicalJson.HashOf(text), schema, provenance, account.Now);
        var request = await Freeze(account, locked, frozen, upperBoundAt: null, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (request, null);
    }

    /// <summary>
    /// What a request turned out to be that is not the caller's to end any more; null while it is. Whoever lost the lease,
    /// or comes after the end, tells what is and writes nothing.
    /// </summary>
    public PaymentRequestOutcome? Overtaken(RequestRow held, RequestRow locked)
    {
        if (locked.Status != RequestStatus.Pending)
        {
            return RequestAnswers.Of(locked);
        }

        if (locked.LeaseVersion == held.LeaseVersion)
        {
            return null;
        }

        guardrails.Met(Guardrails.LeaseFenced);
        Log.Fenced(logger, held.Id, held.OperationKey);
        return RequestAnswers.InProgress;
    }

    /// <summary>
    /// What a request is told as whose outcome its worker did not learn: another may have ended it while this one waited,
    /// and whoever asked may have been told so already.
    /// </summary>
    public async Task<PaymentRequestOutcome> NotLearnt(RequestRow held)
    {
        Log.OutcomeUnknown(logger, held.Id, held.OperationKey);
        return await requests.Peek(held.Org, held.Id, CancellationToken.None) is { } request
            ? RequestAnswers.Of(request)
            : RequestAnswers.InProgress;
    }

    private async Task<(LockedAccount Account, RequestRow Request)> Lock(
        NpgsqlTransaction transaction, RequestRow held, CancellationToken cancellationToken)
    {
        var account = await accounts.Take(
            transaction, new BillingAccountKey(held.Org, held.BillingAccount), cancellationToken);
        var locked = await requests.ById(account, held.Id, cancellationToken)
            ?? throw new InvalidOperationException($"{held.Id} went away while it was worked on.");
        return (account, locked.AnsweredBy(held.ProviderRequest));
    }
}
