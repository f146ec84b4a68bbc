using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Accounts' table of contents: who is asking, and who is billed.</summary>
public static class AccountsModule
{
    /// <summary>Adds Accounts to the host. Needs an <c>NpgsqlDataSource</c>, a <c>TimeProvider</c> and an <c>IdSource</c>.</summary>
    public static IServiceCollection AddAccounts(this IServiceCollection services)
    {
        services.AddSingleton<AuditLog>();
        services.AddSingleton<IAudit>(provider => provider.GetRequiredService<AuditLog>());

        services.AddSingleton<OrganisationReader>();
        services.AddSingleton<CreateOrganisation>();
        services.AddSingleton<OpenBillingAccount>();
        services.AddSingleton<ListOrganisations>();
        services.AddSingleton<ListBillingAccounts>();
        services.AddSingleton(provider => new Organisations(
            provider.GetRequiredService<OrganisationReader>(),
            provider.GetRequiredService<CreateOrganisation>(),
            provider.GetRequiredService<OpenBillingAccount>(),
            provider.GetRequiredService<ListBillingAccounts>()));
        return services;
    }

    /// <summary>Adds Accounts' endpoints.</summary>
    public static IEndpointRouteBuilder MapAccounts(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/v1").WithTags("Accounts");
        api.MapPost("/organisations", CreateOrganisation.Endpoint)
            .WithName("createOrganisation")
            .WithSummary("Create an organisation with its default billing account")
            .RequiresWithoutOrg(Permission.OrganisationsManage);
        api.MapGet("/organisations", ListOrganisations.Endpoint)
            .WithName("listOrganisations")
            .WithSummary("List organisations, newest first")
            .RequiresWithoutOrg(Permission.OrganisationsManage);
        api.MapGet("/organisation", ListOrganisations.OwnEndpoint)
            .WithName("getOrganisation")
            .WithSummary("Show the organisation acted in")
            .Requires(Permission.OrganisationRead);
        api.MapPost("/billing-accounts", OpenBillingAccount.Endpoint)
            .WithName("openBillingAccount")
            .WithSummary("Open a further billing account")
            .Requires(Permission.OrganisationsManage);
        api.MapGet("/billing-accounts", ListBillingAccounts.Endpoint)
            .WithName("listBillingAccounts")
            .WithSummary("List the organisation's billing accounts, the default one first")
            .Requires(Permission.OrganisationRead);
        return routes;
    }
}
