namespace Quoin.Platform;

/// <summary>A thing a caller may do, named <c>noun.verb</c>. The full list is <see cref="All"/>.</summary>
/// <param name="Name">The stable name, shown in problems and documentation.</param>
public sealed record Permission(string Name)
{
    /// <summary>Send usage events.</summary>
    public static readonly Permission EventsWrite = new("events.write");

    /// <summary>Read usage, events and rated lines.</summary>
    public static readonly Permission UsageRead = new("usage.read");

    /// <summary>Define meters and their versions. Operators only.</summary>
    public static readonly Permission MetersWrite = new("meters.write");

    /// <summary>Read balances, transfers and entries.</summary>
    public static readonly Permission LedgerRead = new("ledger.read");

    /// <summary>Grant credit and post transfers. Operators only.</summary>
    public static readonly Permission LedgerWrite = new("ledger.write");

    /// <summary>Read price books.</summary>
    public static readonly Permission PricesRead = new("prices.read");

    /// <summary>Publish prices. Operators only.</summary>
    public static readonly Permission PricesWrite = new("prices.write");

    /// <summary>Have set-aside usage rated again. Operators only.</summary>
    public static readonly Permission QuarantineWrite = new("quarantine.write");

    /// <summary>Read plans and what an account has.</summary>
    public static readonly Permission PlansRead = new("plans.read");

    /// <summary>Make plans and assign them. Operators only.</summary>
    public static readonly Permission PlansWrite = new("plans.write");

    /// <summary>Create and read organisations. Operators only.</summary>
    public static readonly Permission OrganisationsManage = new("organisations.manage");

    /// <summary>Create, list and revoke keys.</summary>
    public static readonly Permission KeysManage = new("keys.manage");

    /// <summary>Read an organisation's profile and billing accounts.</summary>
    public static readonly Permission OrganisationRead = new("organisation.read");

    /// <summary>Create operator keys and manage the operator's people. Operators only.</summary>
    public static readonly Permission OperatorsManage = new("operators.manage");

    /// <summary>Read the audit log.</summary>
    public static readonly Permission AuditRead = new("audit.read");

    /// <summary>Look at the insides of a running host: stages, jobs, leases. Operators only.</summary>
    public static readonly Permission SystemRead = new("system.read");

    /// <summary>Move the clock of a test-mode organisation.</summary>
    public static readonly Permission TestClockAdvance = new("test_clock.advance");

    /// <summary>Change organisations' billing state, limits and alerts. Operators only.</summary>
    public static readonly Permission BillingManage = new("billing.manage");

    /// <summary>Choose who is told what: webhook endpoints, their deliveries, mails.</summary>
    public static readonly Permission WebhooksManage = new("webhooks.manage");

    /// <summary>Compare usage with the books, and repair what does not fit. Operators only.</summary>
    public static readonly Permission ReconciliationManage = new("reconciliation.manage");

    /// <summary>Every permission there is.</summary>
    public static IReadOnlyList<Permission> All { get; } =
    [
        EventsWrite, UsageRead, MetersWrite, LedgerRead, LedgerWrite, PricesRead, PricesWrite, PlansRead, PlansWrite,
        QuarantineWrite,
        OrganisationsManage, KeysManage, OrganisationRead, OperatorsManage, AuditRead, SystemRead,
        TestClockAdvance, WebhooksManage,
        BillingManage,
        ReconciliationManage,
    ];

    /// <inheritdoc />
    public override string ToString() => Name;
}
