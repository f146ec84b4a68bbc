using Quoin.Charging;
using Quoin.Ledger;
using Quoin.Metering;
using Quoin.Notifications;
using Quoin.Payments;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.ConsolePages;

/// <summary>The console's addresses, without their query.</summary>
public static partial class Places
{
    /// <summary>A person's own page.</summary>
    public const string Account = "/account";

    /// <summary>Mails that stay here because there is no mail server.</summary>
    public const string Outbox = "/console/mails";

    /// <summary>The overview of an organisation.</summary>
    public const string Overview = "/console";

    /// <summary>What the overview asks for news.</summary>
    public const string Live = "/console/live";

    /// <summary>Usage and its cost over time.</summary>
    public const string Usage = "/console/usage";

    /// <summary>The same as a file.</summary>
    public const string UsageFile = "/console/usage.csv";

    /// <summary>Events, newest first.</summary>
    public const string Events = "/console/events";

    /// <summary>Rated lines, newest first.</summary>
    public const string Lines = "/console/rated-lines";

    /// <summary>The plan, and how far it is used.</summary>
    public const string Plan = "/console/plan";

    /// <summary>Plans that can be bought.</summary>
    public const string Billing = "/console/billing";

    /// <summary>Where the provider's page leads back to.</summary>
    public const string BillingReturn = "/console/billing/return";

    /// <summary>What is paid for regularly.</summary>
    public const string Subscription = "/console/billing/subscription";

    /// <summary>What a change to another plan would cost.</summary>
    public const string PlanChange = "/console/billing/change";

    /// <summary>The ways an account can pay.</summary>
    public const string PaymentMethods = "/console/billing/methods";

    /// <summary>The form to buy credit.</summary>
    public const string BuyCredit = "/console/billing/credit";

    /// <summary>The provider's invoices, and payments.</summary>
    public const string PaidInvoices = "/console/billing/invoices";

    /// <summary>When credit is bought by itself.</summary>
    public const string AutoTopUp = "/console/billing/auto-top-up";

    /// <summary>What was asked back, and what banks call into question.</summary>
    public const string Refunds = "/console/billing/refunds";

    /// <summary>Addresses at which anybody can pay.</summary>
    public const string PaymentLinks = "/console/billing/links";

    /// <summary>Where somebody who paid at one comes to.</summary>
    public const string Thanks = "/paid";

    /// <summary>Usage that cannot be rated.</summary>
    public const string Quarantine = "/console/quarantine";

    /// <summary>What waits for background work.</summary>
    public const string Stages = "/console/stages";

    /// <summary>What an open page of stages asks for news.</summary>
    public const string StagesLive = "/console/stages/live";

    /// <summary>Background work that failed for good.</summary>
    public const string DeadJobs = "/console/stages/dead-jobs";

    /// <summary>Meters.</summary>
    public const string Meters = "/console/meters";

    /// <summary>The form of a new meter.</summary>
    public const string NewMeter = "/console/meters/new";

    /// <summary>Price books.</summary>
    public const string Prices = "/console/prices";

    /// <summary>Plans, and which one the organisation has.</summary>
    public const string Plans = "/console/plans";

    /// <summary>The ledger: the chart of accounts.</summary>
    public const string Ledger = "/console/ledger";

    /// <summary>Accounts of the chart, each with its statement.</summary>
    public const string Accounts = "/console/accounts";

    /// <summary>Transfers, newest first.</summary>
    public const string Transfers = "/console/transfers";

    /// <summary>Grants of credit.</summary>
    public const string Grants = "/console/grants";

    /// <summary>Holds, newest first.</summary>
    public const string Holds = "/console/holds";

    /// <summary>Corrections, those that wait first.</summary>
    public const string Corrections = "/console/corrections";

    /// <summary>Webhook endpoints.</summary>
    public const string Webhooks = "/console/webhooks";

    /// <summary>Webhook deliveries, newest first.</summary>
    public const string WebhookDeliveries = "/console/webhook-deliveries";

    /// <summary>Who gets which mails.</summary>
    public const string NotificationSettings = "/console/notification-settings";

    /// <summary>The trail of a request, from its events to the books.</summary>
    public const string Diagnostics = "/console/diagnostics";

    /// <summary>Reconciliations, newest first.</summary>
    public const string Reconciliations = "/console/reconciliations";

    /// <summary>What happened in billing, newest first.</summary>
    public const string BillingEvents = "/console/finance/events";

    /// <summary>What happened to one billing account.</summary>
    public const string Timeline = "/console/finance/timeline";

    /// <summary>Payment sessions, those that are stuck first.</summary>
    public const string PaymentSessions = "/console/finance/sessions";

    /// <summary>Comparisons with the payment provider, and what does not fit.</summary>
    public const string PaymentRuns = "/console/finance/reconciliation";

    /// <summary>The books beside what the payment provider moved.</summary>
    public const string Clearing = "/console/finance/clearing";

    /// <summary>Refunds, those that wait for a decision first.</summary>
    public const string DeskRefunds = "/console/finance/refunds";

    /// <summary>Disputes, for whoever answers them.</summary>
    public const string DeskDisputes = "/console/finance/disputes";

    /// <summary>What of payments was given up.</summary>
    public const string DeadLetters = "/console/finance/dead-letters";

    /// <summary>What can be sold, and how its prices stand at the payment provider.</summary>
    public const string SoldPlans = "/console/finance/catalogue";

    /// <summary>Shadow ratings, newest first.</summary>
    public const string ShadowRatings = "/console/shadow-ratings";

    /// <summary>What is shared with people without an account.</summary>
    public const string Shared = "/shared/lines/";

    /// <summary>Organisations, to choose one.</summary>
    public const string Organisations = RedirectsToSignIn.ChooseOrganisationPath;

    /// <summary>What an organisation is called, and what it is.</summary>
    public const string General = "/console/settings";

    /// <summary>Who belongs to an organisation.</summary>
    public const string Members = "/console/members";

    /// <summary>What an organisation divides itself into.</summary>
    public const string Projects = "/console/projects";

    /// <summary>Who in an organisation is billed.</summary>
    public const string BillingAccounts = "/console/billing-accounts";

    /// <summary>The mail domains of an organisation.</summary>
    public const string Domains = "/console/domains";

    /// <summary>Keys of an organisation.</summary>
    public const string Keys = "/console/keys";

    /// <summary>Machines of an organisation, which own keys.</summary>
    public const string ServiceAccounts = "/console/service-accounts";

    /// <summary>Keys of the operator.</summary>
    public const string OperatorKeys = "/console/operator-keys";

    /// <summary>The audit log of an organisation.</summary>
    public const string Audit = "/console/audit";

    /// <summary>The audit log of the platform.</summary>
    public const string PlatformAudit = "/console/platform-audit";

    /// <summary>All people.</summary>
    public const string Users = "/console/users";

    /// <summary>People of the operator.</summary>
    public const string Operators = "/console/operators";

    /// <summary>Feature flags and the maintenance banner.</summary>
    public const string Flags = "/console/flags";

    /// <summary>Where acting in somebody's stead ends.</summary>
    public const string StopImpersonation = "/console/impersonation/stop";

    /// <summary>Where a trial is started.</summary>
    public const string Trial = "/console/trial";

    /// <summary>One person.</summary>
    public static string Of(Kernel.UserId user) => $"{Users}/{user}";

    /// <summary>One key.</summary>
    public static string OfKey(Quoin.Accounts.KeyId key, bool isOperators) => $"{(isOperators ? OperatorKeys : Keys)}/{key}";

    /// <summary>One meter.</summary>
    public static string Of(Meter meter) => $"{Meters}/{meter.Key}";

    /// <summary>The form of a meter's new version.</summary>
    public static string NewVersionOf(Meter meter) => $"{Meters}/{meter.Key}/versions/new";

    /// <summary>One price book.</summary>
    public static string Of(PriceBookId book) => $"{Prices}/{book}";

    /// <summary>The component a price version belongs to.</summary>
    public static string Of(PriceVersion version) => $"{Prices}/{version.Book}/components/{version.Component}";

    /// <summary>The form of a price.</summary>
    public static string EditOf(PriceBookId book) => $"{Prices}/{book}/edit";

    /// <summary>One plan.</summary>
    public static string OfPlan(string family) => $"{Plans}/{family}";

    /// <summary>One event.</summary>
    public static string Of(EventPosition position) => $"{Events}/{position}";

    /// <summary>One rated line.</summary>
    public static string Of(RatedLineId line) => $"{Lines}/{line}";

    /// <summary>Where links to a line's explanation are made and ended.</summary>
    public static string SharesOf(RatedLineId line) => $"{Lines}/{line}/shares";

    /// <summary>One reconciliation.</summary>
    public static string Of(ReconciliationRunId run) => $"{Reconciliations}/{run}";

    /// <summary>One billing event and what belongs to it.</summary>
    public static string OfBillingEvent(string id) => $"{BillingEvents}/{id}";

    /// <summary>One payment session, by its request or its checkout.</summary>
    public static string OfSession(string id) => $"{PaymentSessions}/{id}";

    /// <summary>One comparison with the payment provider.</summary>
    public static string Of(PaymentReconciliationId run) => $"{PaymentRuns}/{run}";

    /// <summary>One refund.</summary>
    public static string Of(RefundId refund) => $"{DeskRefunds}/{refund}";

    /// <summary>One dispute.</summary>
    public static string Of(DisputeId dispute) => $"{DeskDisputes}/{dispute}";

    /// <summary>One transfer.</summary>
    public static string Of(TransferId transfer) => $"{Transfers}/{transfer}";

    /// <summary>One account's statement.</summary>
    public static string Of(AccountId account) => $"{Accounts}/{account}";

    /// <summary>One account's statement, as a file.</summary>
    public static string FileOf(AccountId account) => $"{Accounts}/{account}/statement.csv";

    /// <summary>One grant.</summary>
    public static string Of(GrantId grant) => $"{Grants}/{grant}";

    /// <summary>One hold.</summary>
    public static string Of(HoldId hold) => $"{Holds}/{hold}";

    /// <summary>One correction.</summary>
    public static string Of(CorrectionId correction) => $"{Corrections}/{correction}";

    /// <summary>One webhook endpoint.</summary>
    public static string Of(WebhookEndpointId endpoint) => $"{Webhooks}/{endpoint}";

    /// <summary>One webhook delivery.</summary>
    public static string Of(WebhookDeliveryId delivery) => $"{WebhookDeliveries}/{delivery}";

    /// <summary>Where a transfer's reversal is asked for.</summary>
    public static string ReversalOf(TransferId transfer) => $"{Transfers}/{transfer}/reversal";

    /// <summary>What stands on an account: a grant's page, or any other account's statement.</summary>
    public static string Of(AccountId account, AccountKind kind) =>
        kind == AccountKind.Grants ? Of(new GrantId(account.Value)) : Of(account);
}
