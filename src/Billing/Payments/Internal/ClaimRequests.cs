using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Quoin.Accounts;
using Quoin.Kernel;

namespace Quoin.Payments.Internal;

/// <summary>A request before it is claimed.</summary>
/// <param name="Action">What is asked for.</param>
/// <param name="Flow">Of a checkout.</param>
/// <param name="ClientKey">The client's own name of it.</param>
/// <param name="Normalized">What is asked for, as canonical JSON that names action and account.</param>
/// <param name="Actor">Who asks.</param>
/// <param name="Place">Whom the provider is.</param>
internal sealed record NewRequest(
    RequestAction Action, CheckoutFlow? Flow, string ClientKey, string Normalized, string Actor, ProviderPlace Place);

/// <summary>Every way claiming a request can end.</summary>
internal abstract record ClaimOutcome
{
    private ClaimOutcome()
    {
    }

    /// <summary>The key was used for something else.</summary>
    public sealed record Conflict : ClaimOutcome;

    /// <summary>It was done before.</summary>
    public sealed record Succeeded(RequestRow Request) : ClaimOutcome;

    /// <summary>It was refused before, or given up.</summary>
    public sealed record Ended(RequestRow Request) : ClaimOutcome;

    /// <summary>Somebody works on it.</summary>
    public sealed record InProgress(RequestRow Request) : ClaimOutcome;

    /// <summary>Whoever worked on it has stopped.</summary>
    public sealed record Recoverable(RequestRow Request) : ClaimOutcome;

    /// <summary>The key was used so long ago that the request is forgotten; what it made is not.</summary>
    public sealed record Forgotten : ClaimOutcome;

    /// <summary>Another key's checkout of this account is pending.</summary>
    public sealed record OtherCheckoutPending : ClaimOutcome;

    /// <summary>It is the caller's from now on.</summary>
    public sealed record Claimed(RequestRow Request) : ClaimOutcome;
}

/// <summary>Claims a request or tells what became of it, under the account's lock.</summary>
internal sealed class ClaimRequests(RequestStore requests, RequestKeys keys, IdSource ids, PaymentsOptions options)
{
    /// <summary>Claims or tells.</summary>
    public async Task<ClaimOutcome> ClaimOrReplay(
        LockedAccount account, NewRequest wanted, CancellationToken cancellationToken)
    {
        var fingerprint = SHA256.HashData(Encoding.UTF8.GetBytes(wanted.Normalized));
        if (await Known(account, wanted, fingerprint, cancellationToken) is { } known)
        {
            return known;
        }

        if (await requests.Insert(account, Row(account, wanted, fingerprint), cancellationToken) is { } claimed)
        {
            return new ClaimOutcome.Claimed(claimed);
        }

        // A writer that knows no account lock came first; nothing but what it wrote tells how this ends.
        return await Known(account, wanted, fingerprint, cancellationToken)
            ?? throw new UnreachableException($"{wanted.Action} could neither be claimed nor found.");
    }

    private async Task<ClaimOutcome?> Known(
        LockedAccount account, NewRequest wanted, byte[] fingerprint, CancellationToken cancellationToken)
    {
        if (await requests.ByKey(account, wanted.Action, wanted.ClientKey, cancellationToken) is { } request)
        {
            return Classify(request, fingerprint, account.Now);
        }

        if (await requests.HasMade(account, OperationOf(account, wanted), cancellationToken))
        {
            return new ClaimOutcome.Forgotten();
        }

        return wanted.Action == RequestAction.Checkout
            && await requests.PendingCheckout(account, cancellationToken) is not null
                ? new ClaimOutcome.OtherCheckoutPending()
                : null;
    }

    private static ClaimOutcome Classify(RequestRow request, byte[] fingerprint, DateTimeOffset now) =>
        !request.Fingerprint.AsSpan().SequenceEqual(fingerprint)
            ? new ClaimOutcome.Conflict()
            : request.Status switch
            {
                RequestStatus.Succeeded => new ClaimOutcome.Succeeded(request),
                RequestStatus.Failed or RequestStatus.Expired => new ClaimOutcome.Ended(request),
                _ when request.IsLeaseOver(now) => new ClaimOutcome.Recoverable(request),
                _ => new ClaimOutcome.InProgress(request),
            };

    private RequestRow Row(LockedAccount account, NewRequest wanted, byte[] fingerprint)
    {
        var operation = OperationOf(account, wanted);
        return new RequestRow
        {
            Org = account.Org,
            Id = ids.Next<PaymentRequestId>(),
            BillingAccount = account.BillingAccount,
            Action = wanted.Action,
            Flow = wanted.Flow,
            ClientKey = wanted.ClientKey,
            Fingerprint = fingerprint,
            Normalized = wanted.Normalized,
            Actor = wanted.Actor,
            OperationKey = operation,
            Place = wanted.Place,
            ProviderKey = keys.ProviderKeyOf(wanted.Place, wanted.Action, operation),
            ReplayDeadlineAt = account.Now + options.ReplayWindow,
            Status = RequestStatus.Pending,
            LeaseVersion = 1,
            LeaseExpiresAt = account.Now + options.Lease,
            CreatedAt = account.Now,
        };
    }

    private string OperationOf(LockedAccount account, NewRequest wanted) =>
        keys.OperationOf(wanted.Action, new BillingAccountKey(account.Org, account.BillingAccount), wanted.ClientKey);
}
