using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>The part of Accounts' table of contents about who belongs where: members, invitations, organisations.</summary>
internal static class MembersModule
{
    /// <summary>Adds the services.</summary>
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<MembershipLookup>();
        services.AddSingleton<ListMembers>();
        services.AddSingleton<ManageMembers>();
        services.AddSingleton<OwnershipOffers>();
        services.AddSingleton<ManageInvitations>();
        services.AddSingleton<AcceptInvitation>();
        services.AddSingleton(provider => new Members(
            provider.GetRequiredService<NpgsqlDataSource>(),
            provider.GetRequiredService<ListMembers>(),
            provider.GetRequiredService<ManageMembers>(),
            provider.GetRequiredService<OwnershipOffers>(),
            provider.GetRequiredService<ManageInvitations>()));
        services.AddSingleton<ManageProjects>();
        services.AddSingleton(provider => new Projects(provider.GetRequiredService<ManageProjects>()));
        services.AddSingleton(provider => new BillingAccountSelector(
            provider.GetRequiredService<ListBillingAccounts>()));
        services.TryAddSingleton<ITxtRecords>(new DnsTxtRecords(server: null));
        services.AddSingleton<ManageDomains>();
        services.AddSingleton<JoinByDomain>();
        services.AddSingleton(provider => new Domains(
            provider.GetRequiredService<ManageDomains>(), provider.GetRequiredService<JoinByDomain>()));
        services.AddSingleton<CreatePersonalOrganisation>();
        services.AddSingleton<OwnOrganisations>();
        services.AddSingleton<ChangeOrganisation>();
        services.AddSingleton<CloseOrganisations>();
        services.AddSingleton(provider => new OrganisationLife(
            provider.GetRequiredService<OwnOrganisations>(),
            provider.GetRequiredService<ChangeOrganisation>(),
            provider.GetRequiredService<CloseOrganisations>()));
        services.AddRecurringJob("accounts.close_organisations", Limits.ClosedEvery, (run, cancellationToken) =>
            run.Services.GetRequiredService<CloseOrganisations>().Run(cancellationToken));
    }

    /// <summary>Adds the endpoints; the pages at /invite stand with those of signing in.</summary>
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/members", ListMembers.Endpoint)
            .WithName("listMembers")
            .WithSummary("List the organisation's people in the order they joined")
            .Requires(Permission.MembersRead);
        api.MapPatch("/members/{id}", MemberEndpoints.Change)
            .WithName("changeMember")
            .WithSummary("Give a member another role")
            .MayAnswer(AccountsProblems.InvalidMember, AccountsProblems.RoleOutOfReach, AccountsProblems.LastOwner)
            .Requires(Permission.MembersManage);
        api.MapDelete("/members/{id}", MemberEndpoints.Remove)
            .WithName("removeMember")
            .WithSummary("Remove a member; every replica refuses them within a second")
            .MayAnswer(AccountsProblems.InvalidMember, AccountsProblems.RoleOutOfReach, AccountsProblems.LastOwner)
            .Requires(Permission.MembersManage);
        api.MapPost("/organisation/leave", MemberEndpoints.Leave)
            .WithName("leaveOrganisation")
            .WithSummary("Leave the organisation")
            .MayAnswer(PlatformProblems.NotFound, AccountsProblems.LastOwner)
            .Requires(Permission.ProfileManage);
        MapOwnership(api);
        MapInvitations(api);
        MapOrganisationLife(api);
        MapProjects(api);
        MapDomains(api);
    }

    private static void MapOwnership(RouteGroupBuilder api)
    {
        api.MapPost("/organisation/ownership-offer", MemberEndpoints.Offer)
            .WithName("offerOwnership")
            .WithSummary("Offer the organisation to a member; nothing changes until they take it")
            .MayAnswer(PlatformProblems.NotFound, AccountsProblems.RoleOutOfReach)
            .Requires(Permission.OrganisationDelete);
        api.MapGet("/organisation/ownership-offer", MemberEndpoints.ShowOffer)
            .WithName("getOwnershipOffer")
            .WithSummary("Show the offer of ownership that waits")
            .MayAnswer(PlatformProblems.NotFound)
            .Requires(Permission.MembersRead);
        api.MapPost("/organisation/ownership-offer/accept", MemberEndpoints.Accept)
            .WithName("acceptOwnership")
            .WithSummary("Take the organisation over; who offered it becomes an admin")
            .MayAnswer(PlatformProblems.NotFound)
            .Requires(Permission.ProfileManage);
        api.MapDelete("/organisation/ownership-offer", MemberEndpoints.Withdraw)
            .WithName("endOwnershipOffer")
            .WithSummary("Take an offer of ownership back, or decline it")
            .MayAnswer(PlatformProblems.NotFound)
            .Requires(Permission.ProfileManage);
    }

    private static void MapInvitations(RouteGroupBuilder api)
    {
        api.MapPost("/invitations", InvitationEndpoints.Invite)
            .WithName("inviteMember")
            .WithSummary("Invite somebody by mail, or renew the invitation that waits for them")
            .MayAnswer(
                AccountsProblems.InvalidMember, AccountsProblems.RoleOutOfReach, AccountsProblems.NoPublicUrl,
                AccountsProblems.TooManyMails, AccountsProblems.OrganisationDeleting, AccountsProblems.AlreadyMember,
                AccountsProblems.TooManyMembers, PlatformProblems.NotFound)
            .Requires(Permission.MembersManage);
        api.MapGet("/invitations", InvitationEndpoints.List)
            .WithName("listInvitations")
            .WithSummary("List the invitations that wait, newest first")
            .Requires(Permission.MembersRead);
        api.MapPost("/invitations/{id}/resend", InvitationEndpoints.Resend)
            .WithName("resendInvitation")
            .WithSummary("Mail an invitation again, with a new link; the old one stops working")
            .MayAnswer(
                AccountsProblems.RoleOutOfReach, AccountsProblems.NoPublicUrl, AccountsProblems.TooManyMails,
                AccountsProblems.OrganisationDeleting, AccountsProblems.AlreadyMember)
            .Requires(Permission.MembersManage);
        api.MapDelete("/invitations/{id}", InvitationEndpoints.Revoke)
            .WithName("revokeInvitation")
            .WithSummary("Revoke an invitation that waits")
            .Requires(Permission.MembersManage);
        api.MapPost("/invitations/look-up", InvitationEndpoints.LookUp)
            .WithName("lookUpInvitation")
            .WithSummary("Show what a mailed invitation is for, while it waits")
            .MayAnswer(AccountsProblems.InvitationNotFound)
            .AllowsAnyone();
        api.MapPost("/invitations/accept", InvitationEndpoints.Accept)
            .WithName("acceptInvitation")
            .WithSummary("Accept an invitation that was mailed to your address")
            .MayAnswer(
                AccountsProblems.InvitationNotFound, AccountsProblems.InvitationForAnother,
                AccountsProblems.AddressNotProved)
            .RequiresWithoutOrg(Permission.ProfileManage);
    }

    private static void MapOrganisationLife(RouteGroupBuilder api)
    {
        api.MapGet("/me/organisations", OrganisationEndpoints.Own)
            .WithName("listOwnOrganisations")
            .WithSummary("List the organisations you belong to, and your role in each")
            .RequiresWithoutOrg(Permission.ProfileManage);
        api.MapPost("/me/organisations", OrganisationEndpoints.Create)
            .WithName("createOwnOrganisation")
            .WithSummary("Create an organisation that you own")
            .MayAnswer(
                AccountsProblems.InvalidMember, AccountsProblems.SlugTaken, AccountsProblems.TooManyOrganisations)
            .Idempotent()
            .RequiresWithoutOrg(Permission.ProfileManage);
        api.MapPatch("/organisation", OrganisationEndpoints.Change)
            .WithName("changeOrganisation")
            .WithSummary("Rename the organisation, or change its slug")
            .MayAnswer(
                AccountsProblems.InvalidMember, AccountsProblems.SlugTaken, AccountsProblems.OrganisationDeleting)
            .Requires(Permission.OrganisationManage);
        api.MapDelete("/organisation", OrganisationEndpoints.Delete)
            .WithName("deleteOrganisation")
            .WithSummary("Delete the organisation; it can be restored for thirty days, its keys are refused meanwhile")
            .MayAnswer(AccountsProblems.InvalidMember, AccountsProblems.PersonalOrganisation)
            .Requires(Permission.OrganisationDelete);
        api.MapPost("/organisation/restore", OrganisationEndpoints.Restore)
            .WithName("restoreOrganisation")
            .WithSummary("Take the deletion of the organisation back")
            .Requires(Permission.OrganisationDelete);
    }

    private static void MapProjects(RouteGroupBuilder api)
    {
        api.MapGet("/projects", ProjectEndpoints.List)
            .WithName("listProjects")
            .WithSummary("List the organisation's projects, those in use first")
            .Requires(Permission.OrganisationRead);
        api.MapPost("/projects", ProjectEndpoints.Create)
            .WithName("createProject")
            .WithSummary("Create a project")
            .MayAnswer(
                PlatformProblems.NotFound, AccountsProblems.InvalidMember, AccountsProblems.TooManyProjects,
                AccountsProblems.SlugTaken)
            .Idempotent()
            .Requires(Permission.ProjectsManage);
        api.MapPatch("/projects/{id}", ProjectEndpoints.Change)
            .WithName("changeProject")
            .WithSummary("Rename a project, archive it or use it again")
            .MayAnswer(AccountsProblems.InvalidMember, AccountsProblems.SlugTaken, AccountsProblems.ProjectInUse)
            .Requires(Permission.ProjectsManage);
        api.MapGet("/billing-account", BillingAccountSelector.Endpoint)
            .WithName("getSelectedBillingAccount")
            .WithSummary("Show the billing account a request means: the one its header names, or the only open one")
            .MayAnswer(
                PlatformProblems.NotFound, AccountsProblems.BillingAccountClosed,
                AccountsProblems.BillingAccountOutOfReach, AccountsProblems.BillingSelectionRequired)
            .Requires(Permission.OrganisationRead);
    }

    private static void MapDomains(RouteGroupBuilder api)
    {
        api.MapGet("/domains", DomainEndpoints.List)
            .WithName("listDomains")
            .WithSummary("List the organisation's mail domains")
            .Requires(Permission.OrganisationManage);
        api.MapPut("/domains", DomainEndpoints.Put)
            .WithName("putDomain")
            .WithSummary("Add a mail domain, or say how people of it come to belong")
            .MayAnswer(AccountsProblems.InvalidMember, AccountsProblems.TooManyDomains)
            .Requires(Permission.OrganisationManage);
        api.MapPost("/domains/{domain}/check", DomainEndpoints.Check)
            .WithName("checkDomain")
            .WithSummary("Ask the DNS whether the domain is the organisation's")
            .MayAnswer(AccountsProblems.TooManyAttempts, AccountsProblems.DomainNotProved)
            .Requires(Permission.OrganisationManage);
        api.MapDelete("/domains/{domain}", DomainEndpoints.Remove)
            .WithName("removeDomain")
            .WithSummary("Remove a mail domain")
            .Requires(Permission.OrganisationManage);
        api.MapGet("/me/join-suggestions", DomainEndpoints.Suggest)
            .WithName("listJoinSuggestions")
            .WithSummary("List organisations you may join by your proved address")
            .RequiresWithoutOrg(Permission.ProfileManage);
        api.MapPost("/me/join", DomainEndpoints.Join)
            .WithName("joinOrganisation")
            .WithSummary("Join an organisation that is suggested to you, or ask to")
            .MayAnswer(AccountsProblems.TooManyMembers, AccountsProblems.TooManyAttempts)
            .RequiresWithoutOrg(Permission.ProfileManage);
        api.MapDelete("/me/join-requests/{id}", DomainEndpoints.Withdraw)
            .WithName("withdrawJoinRequest")
            .WithSummary("Ask no more to join an organisation")
            .RequiresWithoutOrg(Permission.ProfileManage);
        api.MapGet("/join-requests", DomainEndpoints.Asked)
            .WithName("listJoinRequests")
            .WithSummary("List people who asked to join, first come first")
            .Requires(Permission.MembersManage);
        api.MapPost("/join-requests/{id}", DomainEndpoints.Decide)
            .WithName("decideJoinRequest")
            .WithSummary("Let somebody in who asked, or turn them away")
            .MayAnswer(
                AccountsProblems.InvalidMember, AccountsProblems.RoleOutOfReach, AccountsProblems.TooManyMembers)
            .Requires(Permission.MembersManage);
    }
}
