using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Opening, renaming, closing and reopening billing accounts, as somebody who asks for it may: for the console.</summary>
public sealed class BillingAccounts
{
    private readonly OpenBillingAccount opening;
    private readonly ManageBillingAccounts managing;

    internal BillingAccounts(OpenBillingAccount opening, ManageBillingAccounts managing) =>
        (this.opening, this.managing) = (opening, managing);

    /// <summary>Opens a further one in the organisation the caller acts in.</summary>
    public Task<OpenBillingAccountOutcome> Open(
        Caller caller, NewBillingAccount wanted, CancellationToken cancellationToken) =>
        opening.Handle(caller, wanted, IdempotentRequest.None, cancellationToken);

    /// <summary>Gives one another name.</summary>
    public Task<BillingAccountOutcome> Rename(
        Caller caller, BillingAccountId account, BillingAccountChange change, CancellationToken cancellationToken) =>
        managing.Rename(caller, account, change, cancellationToken);

    /// <summary>Closes one, if nothing runs on it any more.</summary>
    public Task<BillingAccountOutcome> Close(
        Caller caller, BillingAccountId account, string? reason, CancellationToken cancellationToken) =>
        managing.Close(caller, account, reason, cancellationToken);

    /// <summary>Opens a closed one again.</summary>
    public Task<BillingAccountOutcome> Reopen(
        Caller caller, BillingAccountId account, string? reason, CancellationToken cancellationToken) =>
        managing.Reopen(caller, account, reason, cancellationToken);
}
