using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments.ChangeSubscription;

namespace Quoin.Payments;

/// <summary>What is to become of a subscription.</summary>
public enum SubscriptionChangeKind
{
    /// <summary>Another plan.</summary>
    Plan,

    /// <summary>It ends when its period does.</summary>
    Cancel,

    /// <summary>It goes on after all.</summary>
    Resume,

    /// <summary>Collection pauses.</summary>
    Pause,

    /// <summary>Collection goes on.</summary>
    Unpause,
}

/// <summary>When a change counts.</summary>
public enum SubscriptionChangeMode
{
    /// <summary>It is so already.</summary>
    Unchanged,

    /// <summary>At once; the difference is charged.</summary>
    Applied,

    /// <summary>When the paid period ends.</summary>
    Scheduled,
}

/// <summary>A change to ask for.</summary>
/// <param name="Account">Whose subscription.</param>
/// <param name="Kind">What.</param>
/// <param name="Plan">The plan's short name; for another plan, and for nothing else.</param>
public sealed record NewSubscriptionChange(BillingAccountProfile Account, SubscriptionChangeKind Kind, string? Plan);

/// <summary>What a change to another plan would be charged.</summary>
/// <param name="Mode">When it would count.</param>
/// <param name="Plan">The plan's short name.</param>
/// <param name="PlanVersion">Its version.</param>
/// <param name="EffectiveAt">From when; differences are counted from it.</param>
/// <param name="DueNow">What is charged at once; negative is credit for later invoices.</param>
/// <param name="DueNowMinor">The same in minor units.</param>
/// <param name="Lines">Each part in words.</param>
public sealed record SubscriptionChangePreview(
    SubscriptionChangeMode Mode,
    string Plan,
    int PlanVersion,
    DateTimeOffset? EffectiveAt,
    Money DueNow,
    long DueNowMinor,
    IReadOnlyList<SubscriptionChangeLine> Lines);

/// <summary>A part of what a change is charged.</summary>
/// <param name="Text">In words.</param>
/// <param name="AmountMinor">In minor units; negative is given back.</param>
public sealed record SubscriptionChangeLine(string Text, long AmountMinor);

/// <summary>A change the provider took.</summary>
/// <param name="Provider">Who has the subscription.</param>
/// <param name="BillingAccountId">Whose.</param>
/// <param name="RequestId">The request; the same for every repetition with its key.</param>
/// <param name="OperationKey">Names the operation in logs.</param>
/// <param name="SubscriptionId">Which subscription.</param>
/// <param name="Change">What was asked for.</param>
/// <param name="Mode">When it counts.</param>
/// <param name="EffectiveAt">From when.</param>
public sealed record SubscriptionChangeAnswer(
    string Provider,
    BillingAccountId BillingAccountId,
    PaymentRequestId RequestId,
    string OperationKey,
    SubscriptionId SubscriptionId,
    SubscriptionChangeKind Change,
    SubscriptionChangeMode Mode,
    DateTimeOffset? EffectiveAt);

/// <summary>Every way asking what a change would be charged can end, in the order they are checked.</summary>
public abstract record PreviewOutcome
{
    private PreviewOutcome()
    {
    }

    /// <summary>It was refused; one of <see cref="PaymentsProblems.OfRequests"/>.</summary>
    /// <param name="Code">The code.</param>
    /// <param name="Reason">For people.</param>
    public sealed record Refused(string Code, string Reason) : PreviewOutcome;

    /// <summary>So much.</summary>
    /// <param name="Preview">What it would be.</param>
    public sealed record Shown(SubscriptionChangePreview Preview) : PreviewOutcome;
}

/// <summary>
/// The door to changing a subscription: a dearer plan at once with its difference, a cheaper one when the period ends. What
/// the provider took comes back as news, and plans follow that.
/// </summary>
public sealed class SubscriptionChanges
{
    private readonly AskForChange asking;
    private readonly PreviewChange previewing;

    internal SubscriptionChanges(AskForChange asking, PreviewChange previewing) =>
        (this.asking, this.previewing) = (asking, previewing);

    /// <summary>What a change to another plan would be charged; changes nothing.</summary>
    public Task<PreviewOutcome> Preview(
        BillingAccountProfile account, string plan, CancellationToken cancellationToken) =>
        previewing.Handle(account, plan, cancellationToken);

    /// <summary>Asks for a change, or tells what became of the one with this key.</summary>
    /// <param name="request">What.</param>
    /// <param name="clientKey">The client's own name of the request; 1 to 191 characters.</param>
    /// <param name="actor">Who asks, for the audit log.</param>
    /// <param name="cancellationToken">Stops it while nothing has been claimed; after that it is finished.</param>
    public Task<PaymentRequestOutcome> Ask(
        NewSubscriptionChange request, string clientKey, string actor, CancellationToken cancellationToken) =>
        asking.Handle(request, clientKey, actor, cancellationToken);
}
