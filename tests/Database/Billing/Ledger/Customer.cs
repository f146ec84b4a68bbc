using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Ledger;

/// <summary>A customer of one organisation with one billing account in dollars, and short words for what happens to it.</summary>
internal sealed class Customer(Quoin.Ledger.Ledger ledger, OrgId org, BillingAccountId account)
{
    public Customer(Quoin.Ledger.Ledger ledger, IdSource ids)
        : this(ledger, ids.Next<OrgId>(), ids.Next<BillingAccountId>())
    {
    }

    public static readonly DateTimeOffset Noon = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    public OrgId Org => org;

    public BillingAccountId Account => account;

    /// <summary>The customer that an organisation with all its accounts is.</summary>
    public static Customer Of(Quoin.Ledger.Ledger ledger, TestOrganisation org) => new(ledger, org.Id, org.BillingAccount);

    public static Money Usd(long micros) => new(micros, Currency.Usd);

    public CreateGrant Credit(long micros, string key) =>
        new(Org, Account, key, Usd(micros), GrantSource.Purchased, Noon, "test");

    public PostTransfer Usage(long micros, string key, PaymentTerms terms = PaymentTerms.Prepaid) =>
        new(Transfer(new BusinessFact.Usage(Usd(micros), terms), key));

    public TransferRequest Transfer(BusinessFact fact, string key) => new(Org, Account, key, fact, Noon, "test");

    public CreateHold Hold(long micros, string key, PaymentTerms terms = PaymentTerms.Prepaid) =>
        new(Org, Account, key, Usd(micros), terms, Noon, Noon.AddMinutes(10), "test");

    /// <summary>The same customer, served by another replica.</summary>
    public Customer At(Quoin.Ledger.Ledger replica) => new(replica, org, account);

    /// <summary>Carries commands out in one flush.</summary>
    public Task<IReadOnlyList<object>> Run(params LedgerCommand[] commands) =>
        ledger.RunTogether(commands, CancellationToken.None);

    /// <summary>Carries one command out.</summary>
    public async Task<TOutcome> Run<TOutcome>(LedgerCommand<TOutcome> command)
        where TOutcome : class => (TOutcome)(await ledger.RunTogether([command], CancellationToken.None))[0];

    /// <summary>Makes a grant that must succeed.</summary>
    public async Task<GrantId> Grant(CreateGrant command) => (await Run(command)).ShouldBeOfType<GrantOutcome.Granted>().Id;

    /// <summary>Makes a hold that must succeed.</summary>
    public async Task<HoldId> Held(CreateHold command) => (await Run(command)).ShouldBeOfType<HoldOutcome.Held>().Id;

    /// <summary>What stands on all accounts of a kind.</summary>
    public async Task<long> Balance(AccountKind kind) => (await Accounts())
        .Where(account => account.Kind == kind)
        .Sum(account => account.Balance.Micros);

    /// <summary>What is held on all accounts of a kind.</summary>
    public async Task<long> HeldOn(AccountKind kind) => (await Accounts())
        .Where(account => account.Kind == kind)
        .Sum(account => account.Held.Micros);

    /// <summary>What stands on a grant.</summary>
    public async Task<long> Balance(GrantId grant) =>
        (await Accounts()).Single(account => account.Id == grant.Account).Balance.Micros;

    private Task<IReadOnlyList<AccountBalance>> Accounts() => ledger.Balances(Org, null, CancellationToken.None);
}
