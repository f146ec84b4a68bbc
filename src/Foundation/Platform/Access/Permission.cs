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

    /// <summary>Grant credit, post transfers and ask for corrections. Operators only.</summary>
    public static readonly Permission LedgerWrite = new("ledger.write");

    /// <summary>Approve or reject corrections that somebody else asked for. Operators only.</summary>
    public static readonly Permission LedgerCorrectApprove = new("ledger.correct.approve");

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

    /// <summary>List and search all organisations. Operators only.</summary>
    public static readonly Permission OrganisationsRead = new("organisations.read");

    /// <summary>Create organisations and open billing accounts in any of them. Operators only.</summary>
    public static readonly Permission OrganisationsManage = new("organisations.manage");

    /// <summary>Create, list and revoke keys.</summary>
    public static readonly Permission KeysManage = new("keys.manage");

    /// <summary>Read an organisation's profile and billing accounts.</summary>
    public static readonly Permission OrganisationRead = new("organisation.read");

    /// <summary>Rename an organisation, choose its settings and verify its domains.</summary>
    public static readonly Permission OrganisationManage = new("organisation.manage");

    /// <summary>Delete an organisation, restore it, and hand it over. Owners only.</summary>
    public static readonly Permission OrganisationDelete = new("organisation.delete");

    /// <summary>See who belongs to an organisation, and who is invited.</summary>
    public static readonly Permission MembersRead = new("members.read");

    /// <summary>Invite people, change their roles and remove them.</summary>
    public static readonly Permission MembersManage = new("members.manage");

    /// <summary>Create, rename and archive projects, and open billing accounts for them.</summary>
    public static readonly Permission ProjectsManage = new("projects.manage");

    /// <summary>Buy credit and plans, and keep payment methods.</summary>
    public static readonly Permission BillingPurchase = new("billing.purchase");

    /// <summary>Look after one's own profile, sign-in and sessions: every session may, no key ever.</summary>
    public static readonly Permission ProfileManage = new("profile.manage");

    /// <summary>Look people up. Operators only.</summary>
    public static readonly Permission UsersRead = new("users.read");

    /// <summary>See Quoin as one of its customers' people does, for a while and on record. Operators only.</summary>
    public static readonly Permission UsersImpersonate = new("users.impersonate");

    /// <summary>Switch features and the maintenance banner. Operators only.</summary>
    public static readonly Permission FlagsManage = new("flags.manage");

    /// <summary>Create operator keys and manage the operator's people. Operators only.</summary>
    public static readonly Permission OperatorsManage = new("operators.manage");

    /// <summary>Read the audit log.</summary>
    public static readonly Permission AuditRead = new("audit.read");

    /// <summary>Look at the insides of a running host: stages, jobs, leases. Operators only.</summary>
    public static readonly Permission SystemRead = new("system.read");

    /// <summary>Have dead jobs tried again, or drop them. Operators only.</summary>
    public static readonly Permission SystemManage = new("system.manage");

    /// <summary>Move the clock of a test-mode organisation.</summary>
    public static readonly Permission TestClockAdvance = new("test_clock.advance");

    /// <summary>Change organisations' billing state, limits and alerts. Operators only.</summary>
    public static readonly Permission BillingManage = new("billing.manage");

    /// <summary>Make, change and end budgets of spending.</summary>
    public static readonly Permission BudgetsManage = new("budgets.manage");

    /// <summary>Choose who is told what: webhook endpoints, their deliveries, mails.</summary>
    public static readonly Permission WebhooksManage = new("webhooks.manage");

    /// <summary>Compare usage with the books, and repair what does not fit. Operators only.</summary>
    public static readonly Permission ReconciliationManage = new("reconciliation.manage");

    /// <summary>Give payments back, and look at refunds. Operators only.</summary>
    public static readonly Permission RefundsWrite = new("refunds.write");

    /// <summary>Approve or reject refunds that somebody else asked for. Operators only.</summary>
    public static readonly Permission RefundsApprove = new("refunds.approve");

    /// <summary>Look at disputes and answer them, and at what does not fit. Operators only.</summary>
    public static readonly Permission DisputesWrite = new("disputes.write");

    /// <summary>Call models through the gateway.</summary>
    public static readonly Permission InferenceCall = new("inference.call");

    /// <summary>
    /// Make, change and revoke keys that call models, with their teams, users and budgets, as programs made for LiteLLM do.
    /// </summary>
    public static readonly Permission VirtualKeysManage = new("virtual_keys.manage");

    /// <summary>Configure the gateway's providers and models. Operators only.</summary>
    public static readonly Permission InferenceManage = new("inference.manage");

    /// <summary>Every permission there is.</summary>
    public static IReadOnlyList<Permission> All { get; } =
    [
        EventsWrite, UsageRead, MetersWrite, LedgerRead, LedgerWrite, LedgerCorrectApprove, PricesRead, PricesWrite,
        PlansRead, PlansWrite, QuarantineWrite, BillingManage, BillingPurchase, BudgetsManage, ReconciliationManage,
        RefundsWrite, RefundsApprove, DisputesWrite,
        OrganisationsRead, OrganisationsManage, OrganisationRead, OrganisationManage, OrganisationDelete,
        MembersRead, MembersManage, ProjectsManage, KeysManage, WebhooksManage, TestClockAdvance, AuditRead,
        InferenceCall, VirtualKeysManage, InferenceManage,
        ProfileManage, OperatorsManage, UsersRead, UsersImpersonate, FlagsManage, SystemRead, SystemManage,
    ];

    /// <inheritdoc />
    public override string ToString() => Name;
}
