using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Quoin.Accounts;
using Quoin.ConsolePages.ApproveDevice;
using Quoin.ConsolePages.BrowseAudit;
using Quoin.ConsolePages.BrowseCorrections;
using Quoin.ConsolePages.BrowseCredit;
using Quoin.ConsolePages.BrowseEvents;
using Quoin.ConsolePages.BrowseLedger;
using Quoin.ConsolePages.BrowseLines;
using Quoin.ConsolePages.BrowseMeters;
using Quoin.ConsolePages.BrowseNotifications;
using Quoin.ConsolePages.BrowseOutbox;
using Quoin.ConsolePages.BrowsePlan;
using Quoin.ConsolePages.BrowsePlans;
using Quoin.ConsolePages.BrowsePlatform;
using Quoin.ConsolePages.BrowsePrices;
using Quoin.ConsolePages.BrowseQuarantine;
using Quoin.ConsolePages.BuyPlans;
using Quoin.ConsolePages.ChooseOrganisation;
using Quoin.ConsolePages.Diagnose;
using Quoin.ConsolePages.ExploreUsage;
using Quoin.ConsolePages.HandleDeadJobs;
using Quoin.ConsolePages.ManageKeys;
using Quoin.ConsolePages.Overview;
using Quoin.ConsolePages.OwnAccount;
using Quoin.ConsolePages.Reconcile;
using Quoin.ConsolePages.Settings;
using Quoin.ConsolePages.ShadowRate;
using Quoin.ConsolePages.ShareLine;
using Quoin.ConsolePages.Shell;
using Quoin.ConsolePages.WatchStages;
using Quoin.Platform;
using Radzen;

namespace Quoin.ConsolePages;

/// <summary>The console's table of contents: pages for people. It asks the modules and decides nothing.</summary>
public static partial class ConsoleModule
{
    /// <summary>Adds the console to the host. Needs Accounts and the billing modules.</summary>
    public static IServiceCollection AddConsole(this IServiceCollection services)
    {
        services.AddRazorComponents();
        services.AddRadzenComponents();
        services.AddSingleton<Visits>();
        services.AddSingleton<OverviewReader>();
        services.AddSingleton<LiveOverview>();
        services.AddSingleton<UsageReader>();
        services.AddSingleton<QuarantineReader>();
        services.AddSingleton<PlanPageReader>();
        services.AddSingleton<StagePages>();
        services.AddSingleton<LineReader>();
        services.AddSingleton<CorrectionReader>();
        services.AddSingleton<KeyPages>();
        services.AddSingleton<DevicePages>();
        services.AddSingleton<AccountPages>();
        services.AddSingleton<UserPages>();
        services.AddSingleton<ChecklistReader>();
        services.AddSingleton<FlagPages>();
        services.AddSingleton<OperatorPages>();
        services.AddSingleton<BillingAccountPages>();
        services.AddSingleton<BillingVisits>();
        services.AddSingleton<BillingPages>();
        services.AddSingleton<BillingActs>();
        AddFinance(services);
        AddGateway(services);
        services.AddSingleton<AutoTopUpPages>();
        services.AddSingleton<RefundPages>();
        services.AddSingleton<LinkPages>();
        services.AddSingleton<MemberPages>();
        services.AddSingleton<ChooseOrganisationPage>();
        return services;
    }

    /// <summary>Adds the console's pages.</summary>
    public static IEndpointRouteBuilder MapConsole(this IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup(string.Empty).ExcludeFromDescription();
        pages.MapGet("/", OverviewPage.Home).AllowsAnyone();
        pages.MapGet("/console/assets/{version}/{name}", ConsoleAssets.Show).AllowsAnyone();

        // Pages without a frame of ours, such as sign-in, name no icon; browsers then ask for this one.
        pages.MapGet("/favicon.ico", ConsoleAssets.Favicon).AllowsAnyone();
        pages.MapGet(Places.Overview, OverviewPage.Show).RequiresSignIn(Permission.UsageRead);
        pages.MapGet(Places.Live, LiveOverview.Show).RequiresSignIn(Permission.UsageRead);
        pages.MapGet(Places.Organisations, ChooseOrganisationPage.Show).RequiresSignIn();
        pages.MapGet(Places.Usage, UsagePages.Show).RequiresSignIn(Permission.UsageRead);
        pages.MapGet(Places.UsageFile, UsagePages.File).RequiresSignIn(Permission.UsageRead);
        pages.MapGet(Places.Events, EventPages.List).RequiresSignIn(Permission.UsageRead);
        pages.MapGet("/console/events/{event}", EventPages.One).RequiresSignIn(Permission.UsageRead);
        pages.MapGet(Places.Lines, LinePages.List).RequiresSignIn(Permission.UsageRead);
        pages.MapGet("/console/rated-lines/{line}", LinePages.One).RequiresSignIn(Permission.UsageRead);
        pages.MapGet(Places.Plan, PlanPage.Show).RequiresSignIn(Permission.UsageRead);
        MapBilling(pages);
        MapMeters(pages);
        MapPrices(pages);
        MapOperations(pages);
        pages.MapPost("/console/rated-lines/{line}/shares", ShareLinePages.Handle)
            .LimitsBody(Limits.FormBytesMax)
            .RequiresSignIn(Permission.LedgerRead);
        pages.MapGet("/shared/lines/{token}", ShareLinePages.Show).AllowsAnyone();
        MapProofs(pages);
        MapFinance(pages);
        MapGateway(pages);
        MapLedgerPages(pages);
        MapNotificationPages(pages);
        MapKeyPages(pages);
        MapMembers(pages);
        MapAccount(pages);
        pages.MapGet(Places.Outbox, OutboxPages.Show).RequiresSignIn(Permission.OperatorsManage);
        MapAuditPages(pages);
        MapDevicePages(pages);
        MapPlatformPages(pages);
        pages.MapGet("/console/{**path}", NoSuchPage).RequiresSignIn();
        return routes;
    }

    private static void MapAccount(RouteGroupBuilder pages)
    {
        pages.MapGet(Places.Account, AccountPages.Show).RequiresSignIn(Permission.ProfileManage);
        var forms = pages.MapGroup(Places.Account);
        Map("/profile", AccountPages.Rename);
        Map("/email", AccountPages.ChangeEmail);
        Map("/password", AccountPages.ChangePassword);
        Map("/second-factor", AccountPages.BeginSecondFactor).NeedsRecentSignIn(Places.Account);
        Map("/second-factor/confirm", AccountPages.ConfirmSecondFactor);
        Map("/second-factor/recovery-codes", AccountPages.RenewRecoveryCodes);
        Map("/second-factor/remove", AccountPages.RemoveSecondFactor);
        Map("/sessions", AccountPages.EndSessions);
        Map("/ssh-keys", AccountPages.AddSshKey).NeedsRecentSignIn(Places.Account);
        Map("/ssh-keys/remove", AccountPages.RemoveSshKey);

        RouteHandlerBuilder Map(string path, Delegate handler) => forms.MapPost(path, handler)
            .LimitsBody(Limits.AccountFormBytesMax)
            .RequiresSignIn(Permission.ProfileManage);
    }

    private static void MapBilling(RouteGroupBuilder pages)
    {
        pages.MapGet(Places.Billing, BillingPages.ShowPlans).RequiresSignIn(Permission.PlansRead);
        pages.MapPost(Places.Billing, BillingActs.Act)
            .LimitsBody(Limits.FormBytesMax)
            .RequiresSignIn(Permission.BillingPurchase);
        pages.MapGet(Places.BillingReturn, BillingActs.Return).RequiresSignIn(Permission.PlansRead);
        pages.MapGet(Places.Subscription, BillingPages.ShowSubscription).RequiresSignIn(Permission.PlansRead);
        pages.MapGet(Places.PlanChange, BillingPages.ShowChange).RequiresSignIn(Permission.BillingPurchase);
        pages.MapGet(Places.PaymentMethods, BillingPages.ShowMethods).RequiresSignIn(Permission.BillingPurchase);
        pages.MapGet(Places.BuyCredit, BillingPages.ShowCredit).RequiresSignIn(Permission.BillingPurchase);
        pages.MapGet(Places.PaidInvoices, BillingPages.ShowInvoices).RequiresSignIn(Permission.PlansRead);
        pages.MapGet(Places.AutoTopUp, AutoTopUpPages.Show).RequiresSignIn(Permission.BillingPurchase);
        pages.MapPost(Places.AutoTopUp, AutoTopUpPages.Act)
            .LimitsBody(Limits.FormBytesMax)
            .RequiresSignIn(Permission.BillingPurchase);
        pages.MapGet(Places.Refunds, RefundPages.Show).RequiresSignIn(Permission.LedgerRead);
        pages.MapPost(Places.Refunds, RefundPages.Ask)
            .LimitsBody(Limits.FormBytesMax)
            .RequiresSignIn(Permission.BillingPurchase);
        pages.MapGet(Places.PaymentLinks, LinkPages.Show).RequiresSignIn(Permission.BillingPurchase);
        pages.MapPost(Places.PaymentLinks, LinkPages.Act)
            .LimitsBody(Limits.FormBytesMax)
            .RequiresSignIn(Permission.BillingPurchase);
        pages.MapGet(Places.Thanks, LinkPages.Thank).AllowsAnyone();
    }

    private static void MapMeters(RouteGroupBuilder pages)
    {
        pages.MapGet(Places.Meters, MeterPages.List).RequiresSignIn(Permission.UsageRead);
        pages.MapGet(Places.NewMeter, MeterPages.New).RequiresSignIn(Permission.MetersWrite);
        pages.MapPost(Places.NewMeter, MeterPages.Create)
            .LimitsBody(Limits.FormBytesMax)
            .RequiresSignIn(Permission.MetersWrite);
        pages.MapGet("/console/meters/{meter}", MeterPages.One).RequiresSignIn(Permission.UsageRead);
        pages.MapGet("/console/meters/{meter}/versions/new", MeterPages.NewVersion).RequiresSignIn(Permission.MetersWrite);
        pages.MapPost("/console/meters/{meter}/versions/new", MeterPages.AddVersion)
            .LimitsBody(Limits.FormBytesMax)
            .RequiresSignIn(Permission.MetersWrite);
    }

    private static void MapPrices(RouteGroupBuilder pages)
    {
        pages.MapGet(Places.Prices, PricePages.List).RequiresSignIn(Permission.PricesRead);
        pages.MapPost(Places.Prices, PricePages.Create)
            .LimitsBody(Limits.FormBytesMax)
            .RequiresSignIn(Permission.PricesWrite);
        pages.MapGet("/console/prices/{book}", PricePages.One).RequiresSignIn(Permission.PricesRead);
        pages.MapGet("/console/prices/{book}/components/{component}", PricePages.Component)
            .RequiresSignIn(Permission.PricesRead);
        pages.MapGet("/console/prices/{book}/edit", EditPrice.Show).RequiresSignIn(Permission.PricesWrite);
        pages.MapPost("/console/prices/{book}/edit", EditPrice.Publish)
            .LimitsBody(Limits.PriceFormBytesMax)
            .RequiresSignIn(Permission.PricesWrite);
        pages.MapGet(Places.Plans, PlanPages.List).RequiresSignIn(Permission.PricesRead);
        pages.MapGet("/console/plans/{family}", PlanPages.One).RequiresSignIn(Permission.PricesRead);
        pages.MapPost(Places.Plans, PlanPages.Change)
            .LimitsBody(Limits.FormBytesMax)
            .RequiresSignIn(Permission.PricesWrite);
    }

    private static void MapOperations(RouteGroupBuilder pages)
    {
        pages.MapGet(Places.Quarantine, QuarantinePages.Show).RequiresSignIn(Permission.UsageRead);
        pages.MapPost(Places.Quarantine, QuarantinePages.Retry)
            .LimitsBody(Limits.FormBytesMax)
            .RequiresSignIn(Permission.QuarantineWrite);
        pages.MapGet(Places.Stages, StagePages.Show).RequiresSignIn(Permission.SystemRead);
        pages.MapGet(Places.StagesLive, StagePages.Live).RequiresSignIn(Permission.SystemRead);
        pages.MapGet(Places.DeadJobs, DeadJobPages.Show).RequiresSignIn(Permission.SystemRead);
        pages.MapPost(Places.DeadJobs, DeadJobPages.Act)
            .LimitsBody(Limits.FormBytesMax)
            .RequiresSignIn(Permission.SystemManage);
    }

    private static void MapProofs(RouteGroupBuilder pages)
    {
        pages.MapGet(Places.Diagnostics, DiagnosticsPage.Show).RequiresSignIn(Permission.LedgerRead);
        pages.MapGet(Places.Reconciliations, ReconciliationPages.List).RequiresSignIn(Permission.ReconciliationManage);
        pages.MapPost(Places.Reconciliations, ReconciliationPages.Start)
            .LimitsBody(Limits.FormBytesMax)
            .RequiresSignIn(Permission.ReconciliationManage);
        pages.MapGet("/console/reconciliations/{run}", ReconciliationPages.One)
            .RequiresSignIn(Permission.ReconciliationManage);
        pages.MapPost("/console/reconciliations/{run}", ReconciliationPages.Repair)
            .LimitsBody(Limits.FormBytesMax)
            .RequiresSignIn(Permission.ReconciliationManage);
        pages.MapGet(Places.ShadowRatings, ShadowPages.List).RequiresSignIn(Permission.PricesWrite);
    }

    private static void MapLedgerPages(RouteGroupBuilder pages)
    {
        pages.MapGet(Places.Ledger, ChartPage.Show).RequiresSignIn(Permission.LedgerRead);
        pages.MapGet("/console/accounts/{account}", StatementPages.Show).RequiresSignIn(Permission.LedgerRead);
        pages.MapGet("/console/accounts/{account}/statement.csv", StatementFile.Show).RequiresSignIn(Permission.LedgerRead);
        pages.MapGet(Places.Transfers, TransferPages.List).RequiresSignIn(Permission.LedgerRead);
        pages.MapGet("/console/transfers/{transfer}", TransferPages.One).RequiresSignIn(Permission.LedgerRead);
        pages.MapGet(Places.Grants, GrantPages.List).RequiresSignIn(Permission.LedgerRead);
        pages.MapGet("/console/grants/{grant}", GrantPages.One).RequiresSignIn(Permission.LedgerRead);
        pages.MapGet(Places.Holds, HoldPages.List).RequiresSignIn(Permission.LedgerRead);
        pages.MapGet("/console/holds/{hold}", HoldPages.One).RequiresSignIn(Permission.LedgerRead);
        MapCorrections(pages);
    }

    private static void MapCorrections(RouteGroupBuilder pages)
    {
        pages.MapGet(Places.Corrections, CorrectionPages.List).RequiresSignIn(Permission.LedgerWrite);
        pages.MapGet("/console/corrections/{correction}", CorrectionPages.One).RequiresSignIn(Permission.LedgerWrite);
        pages.MapPost("/console/corrections/{correction}", CorrectionPages.Decide)
            .LimitsBody(Limits.FormBytesMax)
            .RequiresSignIn(Permission.LedgerWrite);
        pages.MapPost("/console/transfers/{transfer}/reversal", AskForReversal.Handle)
            .LimitsBody(Limits.FormBytesMax)
            .RequiresSignIn(Permission.LedgerWrite);
    }

    private static void MapNotificationPages(RouteGroupBuilder pages)
    {
        pages.MapGet(Places.Webhooks, WebhookPages.List).RequiresSignIn(Permission.WebhooksManage);
        pages.MapPost(Places.Webhooks, WebhookPages.Create)
            .LimitsBody(Limits.FormBytesMax)
            .RequiresSignIn(Permission.WebhooksManage);
        pages.MapGet("/console/webhooks/{endpoint}", WebhookPages.One).RequiresSignIn(Permission.WebhooksManage);
        pages.MapPost("/console/webhooks/{endpoint}", WebhookPages.Act)
            .LimitsBody(Limits.FormBytesMax)
            .RequiresSignIn(Permission.WebhooksManage);
        pages.MapGet(Places.WebhookDeliveries, DeliveryPages.List).RequiresSignIn(Permission.WebhooksManage);
        pages.MapGet("/console/webhook-deliveries/{delivery}", DeliveryPages.One).RequiresSignIn(Permission.WebhooksManage);
        pages.MapPost("/console/webhook-deliveries/{delivery}", DeliveryPages.Replay)
            .LimitsBody(Limits.FormBytesMax)
            .RequiresSignIn(Permission.WebhooksManage);
        pages.MapGet(Places.NotificationSettings, MailPages.Show).RequiresSignIn(Permission.WebhooksManage);
        pages.MapPost(Places.NotificationSettings, MailPages.Choose)
            .LimitsBody(Limits.FormBytesMax)
            .RequiresSignIn(Permission.WebhooksManage);
    }

    private static void MapKeyPages(RouteGroupBuilder pages)
    {
        pages.MapGet(Places.Keys, KeyPages.List).RequiresSignIn(Permission.KeysManage);
        pages.MapPost(Places.Keys, KeyPages.Create)
            .LimitsBody(Limits.FormBytesMax)
            .RequiresSignIn(Permission.KeysManage);
        pages.MapGet("/console/keys/{key}", KeyPages.One).RequiresSignIn(Permission.KeysManage);
        pages.MapPost("/console/keys/{key}", KeyPages.Act)
            .LimitsBody(Limits.FormBytesMax)
            .RequiresSignIn(Permission.KeysManage);
        pages.MapGet(Places.ServiceAccounts, ServiceAccountPages.List).RequiresSignIn(Permission.KeysManage);
        pages.MapPost(Places.ServiceAccounts, ServiceAccountPages.Act)
            .LimitsBody(Limits.FormBytesMax)
            .RequiresSignIn(Permission.KeysManage);
        pages.MapGet(Places.OperatorKeys, KeyPages.ListOperators).RequiresSignIn(Permission.OperatorsManage);
        pages.MapPost(Places.OperatorKeys, KeyPages.CreateOperators)
            .LimitsBody(Limits.FormBytesMax)
            .RequiresSignIn(Permission.OperatorsManage);
        pages.MapGet("/console/operator-keys/{key}", KeyPages.OneOperators).RequiresSignIn(Permission.OperatorsManage);
        pages.MapPost("/console/operator-keys/{key}", KeyPages.ActOperators)
            .LimitsBody(Limits.FormBytesMax)
            .RequiresSignIn(Permission.OperatorsManage);
    }

    private static void MapMembers(RouteGroupBuilder pages)
    {
        pages.MapGet(Places.General, GeneralPage.Show).RequiresSignIn(Permission.OrganisationRead);
        pages.MapPost(Places.General, GeneralPage.Act)
            .LimitsBody(Limits.FormBytesMax)
            .RequiresSignIn(Permission.OrganisationRead);
        pages.MapGet(Places.Members, MemberPages.List).RequiresSignIn(Permission.MembersRead);
        pages.MapPost(Places.Members, MemberPages.Act)
            .LimitsBody(Limits.FormBytesMax)
            .RequiresSignIn(Permission.MembersRead);
        pages.MapGet(Places.Projects, ProjectPages.List).RequiresSignIn(Permission.OrganisationRead);
        pages.MapPost(Places.Projects, ProjectPages.Act)
            .LimitsBody(Limits.FormBytesMax)
            .RequiresSignIn(Permission.ProjectsManage);
        pages.MapGet(Places.BillingAccounts, BillingAccountPages.List).RequiresSignIn(Permission.OrganisationRead);
        pages.MapPost(Places.BillingAccounts, BillingAccountPages.Act)
            .LimitsBody(Limits.FormBytesMax)
            .RequiresSignIn(Permission.ProjectsManage);
        pages.MapGet(Places.Domains, DomainPages.List).RequiresSignIn(Permission.OrganisationManage);
        pages.MapPost(Places.Domains, DomainPages.Act)
            .LimitsBody(Limits.FormBytesMax)
            .RequiresSignIn(Permission.OrganisationManage);
        pages.MapPost(Places.Organisations, ChooseOrganisationPage.Act)
            .LimitsBody(Limits.FormBytesMax)
            .RequiresSignIn(Permission.ProfileManage);
    }

    private static void MapPlatformPages(RouteGroupBuilder pages)
    {
        pages.MapGet(Places.Users, UserPages.List).RequiresSignIn(Permission.UsersRead);
        pages.MapGet("/console/users/{user}", UserPages.One).RequiresSignIn(Permission.UsersRead);
        pages.MapPost("/console/users/{user}", UserPages.Act)
            .LimitsBody(Limits.FormBytesMax)
            .RequiresSignIn(Permission.UsersRead);
        pages.MapPost(Places.StopImpersonation, UserPages.Stop).LimitsBody(Limits.FormBytesMax).RequiresSignIn();
        pages.MapPost(Places.Trial, ChecklistReader.Claim)
            .LimitsBody(Limits.FormBytesMax)
            .RequiresSignIn(Permission.BillingPurchase);
        pages.MapGet(Places.Operators, OperatorPages.Show).RequiresSignIn(Permission.OperatorsManage);
        pages.MapPost(Places.Operators, OperatorPages.Act)
            .LimitsBody(Limits.FormBytesMax)
            .RequiresSignIn(Permission.OperatorsManage);
        pages.MapGet(Places.Flags, FlagPages.Show).RequiresSignIn(Permission.FlagsManage);
        pages.MapPost(Places.Flags, FlagPages.Act).LimitsBody(Limits.FormBytesMax).RequiresSignIn(Permission.FlagsManage);
    }

    private static void MapDevicePages(RouteGroupBuilder pages)
    {
        pages.MapGet("/device", DevicePages.Show).RequiresSignIn();
        pages.MapPost("/device", DevicePages.Decide).LimitsBody(Limits.FormBytesMax).RequiresSignIn();
    }

    private static void MapAuditPages(RouteGroupBuilder pages)
    {
        pages.MapGet(Places.Audit, AuditPages.Show).RequiresSignIn(Permission.AuditRead);
        pages.MapGet($"{Places.Audit}/export", AuditPages.Export).RequiresSignIn(Permission.AuditRead);
        pages.MapGet(Places.PlatformAudit, AuditPages.ShowPlatform).RequiresSignIn(Permission.AuditRead);
        pages.MapGet($"{Places.PlatformAudit}/export", AuditPages.ExportPlatform).RequiresSignIn(Permission.AuditRead);
    }

    private static IResult NoSuchPage(HttpContext context) => Visits.Outside(context).NotFound("page");
}
