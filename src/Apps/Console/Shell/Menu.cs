using Quoin.Platform;

namespace Quoin.ConsolePages.Shell;

/// <summary>A page of a section that is reached from everywhere.</summary>
/// <param name="Place">Its address.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Needs">What its reader must be allowed; the same as its address requires.</param>
public sealed record MenuTab(string Place, string Name, Permission Needs);

/// <summary>Pages that belong together: one entry of the menu, and beside each other on top of each of them.</summary>
/// <param name="Name">What they are called together.</param>
/// <param name="Icon">The entry's icon.</param>
/// <param name="Tabs">The pages; the menu leads to the first one its reader may see.</param>
/// <param name="IsPlatform">Whether its pages stand in no organisation.</param>
public sealed record MenuSection(string Name, string Icon, IReadOnlyList<MenuTab> Tabs, bool IsPlatform = false);

/// <summary>
/// Where everything is found. A new page is one more tab of the section its reader would look in; its view names its
/// own place as its section, and the shell shows the tabs.
/// </summary>
public static class Menu
{
    /// <summary>All sections, in order: what a customer looks at daily comes first, the machine's insides last.</summary>
    public static IReadOnlyList<MenuSection> Sections { get; } =
    [
        new("Overview", "overview", [new(Places.Overview, "Overview", Permission.UsageRead)]),
        new("Usage", "events",
        [
            new(Places.Usage, "Explore", Permission.UsageRead),
            new(Places.Events, "Events", Permission.UsageRead),
            new(Places.Lines, "Rated lines", Permission.UsageRead),
            new(Places.Quarantine, "Quarantine", Permission.UsageRead),
            new(Places.Meters, "Meters", Permission.UsageRead),
        ]),
        new("Gateway", "gateway",
        [
            new(Places.Calls, "Requests", Permission.UsageRead),
            new(Places.Spend, "Spend", Permission.UsageRead),
            new(Places.GatewayKeys, "Keys", Permission.KeysManage),
            new(Places.Budgets, "Budgets", Permission.UsageRead),
            new(Places.ContentPolicy, "Content", Permission.UsageRead),
            new(Places.OwnCredentials, "Own providers", Permission.OrganisationManage),
            new(Places.Playground, "Playground", Permission.InferenceCall),
        ]),
        new("Plan", "plan", [new(Places.Plan, "Plan and usage", Permission.UsageRead)]),
        new("Billing", "card",
        [
            new(Places.Billing, "Plans", Permission.PlansRead),
            new(Places.Subscription, "Subscription", Permission.PlansRead),
            new(Places.BuyCredit, "Credit", Permission.BillingPurchase),
            new(Places.AutoTopUp, "Auto top-up", Permission.BillingPurchase),
            new(Places.PaymentMethods, "Payment methods", Permission.BillingPurchase),
            new(Places.PaidInvoices, "Invoices and receipts", Permission.PlansRead),
            new(Places.Refunds, "Refunds", Permission.LedgerRead),
            new(Places.PaymentLinks, "Payment links", Permission.BillingPurchase),
        ]),
        new("Ledger", "ledger",
        [
            new(Places.Ledger, "Chart", Permission.LedgerRead),
            new(Places.Transfers, "Transfers", Permission.LedgerRead),
            new(Places.Grants, "Grants", Permission.LedgerRead),
            new(Places.Holds, "Holds", Permission.LedgerRead),
            new(Places.Corrections, "Corrections", Permission.LedgerWrite),
        ]),
        new("Finance", "finance",
        [
            new(Places.BillingEvents, "Events", Permission.ReconciliationManage),
            new(Places.Timeline, "Timeline", Permission.ReconciliationManage),
            new(Places.PaymentSessions, "Sessions", Permission.ReconciliationManage),
            new(Places.DeskRefunds, "Refunds", Permission.RefundsWrite),
            new(Places.DeskDisputes, "Disputes", Permission.DisputesWrite),
            new(Places.DeadLetters, "Dead letters", Permission.ReconciliationManage),
            new(Places.PaymentRuns, "Drift", Permission.ReconciliationManage),
            new(Places.Clearing, "Clearing", Permission.ReconciliationManage),
            new(Places.SoldPlans, "On sale", Permission.PricesWrite),
        ]),
        new("Prices", "prices",
        [
            new(Places.Prices, "Price books", Permission.PricesRead),
            new(Places.Plans, "Plans", Permission.PricesRead),
        ]),
        new("Notifications", "bell",
        [
            new(Places.Webhooks, "Webhooks", Permission.WebhooksManage),
            new(Places.WebhookDeliveries, "Deliveries", Permission.WebhooksManage),
            new(Places.NotificationSettings, "Mail", Permission.WebhooksManage),
        ]),
        new("Settings", "settings",
        [
            new(Places.General, "General", Permission.OrganisationRead),
            new(Places.Members, "Members", Permission.MembersRead),
            new(Places.Projects, "Projects", Permission.OrganisationRead),
            new(Places.BillingAccounts, "Billing accounts", Permission.OrganisationRead),
            new(Places.Domains, "Domains", Permission.OrganisationManage),
            new(Places.Keys, "Keys", Permission.KeysManage),
            new(Places.ServiceAccounts, "Service accounts", Permission.KeysManage),
            new(Places.Audit, "Audit log", Permission.AuditRead),
        ]),
        new("Operations", "operations",
        [
            new(Places.Stages, "Stages", Permission.SystemRead),
            new(Places.DeadJobs, "Failed jobs", Permission.SystemRead),
        ]),
        new("Proofs", "book",
        [
            new(Places.Diagnostics, "Follow a request", Permission.LedgerRead),
            new(Places.Reconciliations, "Reconciliation", Permission.ReconciliationManage),
            new(Places.ShadowRatings, "Shadow rating", Permission.PricesWrite),
        ]),
        new("Models", "models",
        [
            new(Places.Providers, "Providers", Permission.InferenceManage),
            new(Places.OfferedModels, "Models", Permission.InferenceManage),
            new(Places.Margins, "Margins", Permission.InferenceManage),
            new(Places.UnpricedModels, "Unpriced", Permission.InferenceManage),
            new(Places.CallReviews, "Reviews", Permission.InferenceManage),
        ], IsPlatform: true),
        new("Platform", "platform",
        [
            new(Places.Users, "Users", Permission.UsersRead),
            new(Places.Organisations, "Organisations", Permission.OrganisationsRead),
            new(Places.Operators, "Operators", Permission.OperatorsManage),
            new(Places.OperatorKeys, "Operator keys", Permission.OperatorsManage),
            new(Places.Flags, "Flags", Permission.FlagsManage),
            new(Places.Outbox, "Mails", Permission.OperatorsManage),
            new(Places.PlatformAudit, "Audit log", Permission.AuditRead),
        ], IsPlatform: true),
    ];

    /// <summary>The section a page belongs to; null for pages outside.</summary>
    /// <param name="place">A tab's address.</param>
    public static MenuSection? Of(string? place) =>
        Sections.FirstOrDefault(section => section.Tabs.Any(tab => tab.Place == place));

    /// <summary>The sections of pages in an organisation, or only those that stand in none.</summary>
    /// <param name="inOrganisation">Whether an organisation is looked at.</param>
    public static IEnumerable<MenuSection> SectionsFor(bool inOrganisation) =>
        Sections.Where(section => inOrganisation || section.IsPlatform);

    /// <summary>The pages of a section that a reader may see.</summary>
    public static IReadOnlyList<MenuTab> TabsFor(this MenuSection section, Caller reader) =>
        [.. section.Tabs.Where(tab => reader.May(tab.Needs))];
}
