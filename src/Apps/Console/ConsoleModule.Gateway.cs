using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Quoin.ConsolePages.BringKeys;
using Quoin.ConsolePages.BrowseCalls;
using Quoin.ConsolePages.GuardContent;
using Quoin.ConsolePages.KeepBudgets;
using Quoin.ConsolePages.KeepGatewayKeys;
using Quoin.ConsolePages.ReviewCalls;
using Quoin.ConsolePages.RunProviders;
using Quoin.ConsolePages.SetUnpriced;
using Quoin.ConsolePages.Shell;
using Quoin.ConsolePages.ShowSpend;
using Quoin.ConsolePages.TryModels;
using Quoin.ConsolePages.WatchMargins;
using Quoin.Platform;

namespace Quoin.ConsolePages;

/// <summary>The pages of the gateway.</summary>
public static partial class ConsoleModule
{
    private static void AddGateway(IServiceCollection services)
    {
        services.AddSingleton<LiveAnswers>();
        services.AddSingleton<GatewayKeyPages>();
        services.AddSingleton<CallPages>();
        services.AddSingleton<SpendPages>();
        services.AddSingleton<BudgetPages>();
        services.AddSingleton<ContentPages>();
        services.AddSingleton<CredentialPages>();
        services.AddSingleton<ProviderPages>();
        services.AddSingleton<ModelPages>();
        services.AddSingleton<MarginPages>();
        services.AddSingleton<UnpricedPages>();
        services.AddSingleton<ReviewPages>();
    }

    private static void MapGateway(RouteGroupBuilder pages)
    {
        pages.MapGet(Places.GatewayKeys, GatewayKeyPages.List).RequiresSignIn(Permission.KeysManage);
        pages.MapPost(Places.GatewayKeys, GatewayKeyPages.Create)
            .LimitsBody(Limits.GuardFormBytesMax)
            .RequiresSignIn(Permission.KeysManage);
        pages.MapGet("/console/gateway/keys/{key}", GatewayKeyPages.One).RequiresSignIn(Permission.KeysManage);
        pages.MapPost("/console/gateway/keys/{key}", GatewayKeyPages.Act)
            .LimitsBody(Limits.GuardFormBytesMax)
            .RequiresSignIn(Permission.KeysManage);
        pages.MapGet(Places.Calls, CallPages.List).RequiresSignIn(Permission.UsageRead);
        pages.MapGet(Places.CallsLive, CallPages.Live).RequiresSignIn(Permission.UsageRead);
        pages.MapGet("/console/gateway/requests/{request}", CallPages.One).RequiresSignIn(Permission.UsageRead);
        pages.MapGet("/console/gateway/requests/{request}/content", ContentPages.Kept)
            .RequiresSignIn(Permission.OrganisationManage);
        pages.MapGet(Places.Spend, SpendPages.Show).RequiresSignIn(Permission.UsageRead);
        pages.MapGet(Places.SpendFile, SpendPages.File).RequiresSignIn(Permission.UsageRead);
        pages.MapGet(Places.Budgets, BudgetPages.Show).RequiresSignIn(Permission.UsageRead);
        pages.MapPost(Places.Budgets, BudgetPages.Act)
            .LimitsBody(Limits.FormBytesMax)
            .RequiresSignIn(Permission.BudgetsManage);
        pages.MapGet(Places.Playground, PlaygroundPages.Show).RequiresSignIn(Permission.InferenceCall);
        pages.MapPost(Places.PlaygroundAnswer, PlaygroundPages.Answer)
            .LimitsBody(Limits.PlaygroundBytesMax)
            .RequiresSignIn(Permission.InferenceCall);
        MapContent(pages);
        MapModels(pages);
    }

    private static void MapContent(RouteGroupBuilder pages)
    {
        pages.MapGet(Places.ContentPolicy, ContentPages.Show).RequiresSignIn(Permission.UsageRead);
        pages.MapPost(Places.ContentPolicy, ContentPages.Set)
            .LimitsBody(Limits.GuardFormBytesMax)
            .RequiresSignIn(Permission.OrganisationManage);
        pages.MapGet(Places.OwnCredentials, CredentialPages.List).RequiresSignIn(Permission.OrganisationManage);
        pages.MapPost(Places.OwnCredentials, CredentialPages.Act)
            .LimitsBody(Limits.FormBytesMax)
            .RequiresSignIn(Permission.OrganisationManage);
    }

    private static void MapModels(RouteGroupBuilder pages)
    {
        pages.MapGet(Places.Providers, ProviderPages.List).RequiresSignIn(Permission.InferenceManage);
        pages.MapGet(Places.ProvidersLive, ProviderPages.Live).RequiresSignIn(Permission.InferenceManage);
        pages.MapGet(Places.ProviderForm, ProviderPages.Form).RequiresSignIn(Permission.InferenceManage);
        pages.MapPost(Places.ProviderForm, ProviderPages.Act)
            .LimitsBody(Limits.FormBytesMax)
            .RequiresSignIn(Permission.InferenceManage);
        pages.MapGet(Places.OfferedModels, ModelPages.List).RequiresSignIn(Permission.InferenceManage);
        pages.MapGet(Places.ModelForm, ModelPages.Form).RequiresSignIn(Permission.InferenceManage);
        pages.MapPost(Places.ModelForm, ModelPages.Act)
            .LimitsBody(Limits.FormBytesMax)
            .RequiresSignIn(Permission.InferenceManage);
        pages.MapGet(Places.Margins, MarginPages.Show).RequiresSignIn(Permission.InferenceManage);
        pages.MapGet(Places.UnpricedModels, UnpricedPages.List).RequiresSignIn(Permission.InferenceManage);
        pages.MapPost(Places.UnpricedModels, UnpricedPages.Set)
            .LimitsBody(Limits.FormBytesMax)
            .RequiresSignIn(Permission.InferenceManage);
        pages.MapGet(Places.CallReviews, ReviewPages.List).RequiresSignIn(Permission.InferenceManage);
        pages.MapPost(Places.CallReviews, ReviewPages.Act)
            .LimitsBody(Limits.FormBytesMax)
            .RequiresSignIn(Permission.InferenceManage);
    }
}
