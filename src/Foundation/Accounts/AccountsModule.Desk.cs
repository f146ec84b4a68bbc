using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Quoin.Platform;

namespace Quoin.Accounts;

// The second page of the table of contents: keys' further acts, devices, the audit log and the operator's desk.
public static partial class AccountsModule
{
    private static void MapAudit(RouteGroupBuilder api)
    {
        api.MapGet("/audit", AuditEndpoints.List)
            .WithName("listAudit")
            .WithSummary("List the audit log, newest first: the named organisation's, or the platform's")
            .RequiresWithoutOrg(Permission.AuditRead);
        api.MapGet("/audit/export", AuditEndpoints.Export)
            .WithName("exportAudit")
            .WithSummary("Export the audit log as JSON lines or CSV, oldest first")
            .RequiresWithoutOrg(Permission.AuditRead);
        api.MapGet("/audit/verification", AuditEndpoints.Verify)
            .WithName("verifyAudit")
            .WithSummary("Recompute the newest entries of the audit log's hash chain")
            .RequiresWithoutOrg(Permission.AuditRead);
    }

    private static void MapKeyRotation(RouteGroupBuilder api)
    {
        api.MapGet("/key-scopes", ListKeyScopes.Endpoint)
            .WithName("listKeyScopes")
            .WithSummary("List what keys of organisations may do, and presets of it")
            .RequiresWithoutOrg(Permission.KeysManage);
        api.MapPost("/keys/{id}/rotate", RotateKey.Endpoint)
            .WithName("rotateKey")
            .WithSummary("Replace a key; the old one works on for the overlap")
            .MayAnswer(
                AccountsProblems.InvalidMember,
                AccountsProblems.KeyNotInUse,
                AccountsProblems.KeyIsAPersons,
                AccountsProblems.KeyRotationRunning)
            .Idempotent()
            .Requires(Permission.KeysManage);
        api.MapPost("/operator-keys/{id}/rotate", RotateKey.OperatorEndpoint)
            .WithName("rotateOperatorKey")
            .WithSummary("Replace a key of the operator; the old one works on for the overlap")
            .MayAnswer(
                AccountsProblems.InvalidMember, AccountsProblems.KeyNotInUse, AccountsProblems.KeyRotationRunning)
            .Idempotent()
            .RequiresWithoutOrg(Permission.OperatorsManage);
    }

    private static void MapServiceAccounts(RouteGroupBuilder api)
    {
        api.MapPost("/service-accounts", ServiceAccountEndpoints.Create)
            .WithName("createServiceAccount")
            .WithSummary("Create a machine of the organisation, to own keys")
            .MayAnswer(AccountsProblems.InvalidMember, AccountsProblems.TooManyServiceAccounts)
            .Idempotent()
            .Requires(Permission.KeysManage);
        api.MapGet("/service-accounts", ServiceAccountEndpoints.List)
            .WithName("listServiceAccounts")
            .WithSummary("List the organisation's service accounts, newest first")
            .Requires(Permission.KeysManage);
        api.MapPost("/service-accounts/{id}/disable", ServiceAccountEndpoints.Disable)
            .WithName("disableServiceAccount")
            .WithSummary("Disable a service account; every replica refuses its keys within a second")
            .MayAnswer(AccountsProblems.InvalidMember)
            .Requires(Permission.KeysManage);
        api.MapPost("/service-accounts/{id}/enable", ServiceAccountEndpoints.Enable)
            .WithName("enableServiceAccount")
            .WithSummary("Enable a service account again, with those of its keys that still work")
            .MayAnswer(AccountsProblems.InvalidMember)
            .Requires(Permission.KeysManage);
    }

    private static void MapDevices(RouteGroupBuilder api)
    {
        api.MapGet("/caller", ShowCaller.Endpoint)
            .WithName("getCaller")
            .WithSummary("Show who sends this request, and what they may do")
            .RequiresAnyCaller();
        api.MapPost("/caller/revoke", ShowCaller.Revoke)
            .WithName("revokeOwnKey")
            .WithSummary("Give up the key this request is sent with; every replica refuses it within a second")
            .MayAnswer(AccountsProblems.NotAKey)
            .RequiresAnyCaller();
        api.MapPost("/device-codes", DeviceEndpoints.Issue)
            .WithName("issueDeviceCode")
            .WithSummary("Ask to be let in: a code for a person to approve (RFC 8628)")
            .MayAnswer(AccountsProblems.InvalidMember, AccountsProblems.TooManyDevices)
            .AllowsAnyone();
        api.MapPost("/device-codes/token", DeviceEndpoints.Fetch)
            .WithName("fetchDeviceKey")
            .WithSummary("Ask whether one was let in, and get the key, once (RFC 8628)")
            .MayAnswer(
                AccountsProblems.AuthorizationPending,
                AccountsProblems.SlowDown,
                AccountsProblems.DeviceDenied,
                AccountsProblems.DeviceCodeExpired,
                AccountsProblems.DeviceCodeUnknown)
            .AllowsAnyone();
    }

    private static void MapSshKeys(RouteGroupBuilder api)
    {
        api.MapGet("/me/ssh-keys", SshKeyEndpoints.List)
            .WithName("listSshKeys")
            .WithSummary("List your SSH public keys, newest first")
            .RequiresWithoutOrg(Permission.ProfileManage);
        api.MapPost("/me/ssh-keys", SshKeyEndpoints.Add)
            .WithName("addSshKey")
            .WithSummary("Add an SSH public key: ed25519, ecdsa, or rsa of 3072 bits and more")
            .MayAnswer(AccountsProblems.InvalidMember, AccountsProblems.SshKeyKnown, AccountsProblems.TooManySshKeys)
            .NeedsRecentSignIn()
            .RequiresWithoutOrg(Permission.ProfileManage);
        api.MapDelete("/me/ssh-keys/{id}", SshKeyEndpoints.Remove)
            .WithName("removeSshKey")
            .WithSummary("Remove one of your SSH public keys")
            .RequiresWithoutOrg(Permission.ProfileManage);
    }

    private static void AddDesk(IServiceCollection services)
    {
        services.AddSingleton<Impersonate>();
        services.AddSingleton<EndImpersonations>();
        services.AddSingleton(provider => new Impersonations(
            provider.GetRequiredService<Impersonate>(), provider.GetRequiredService<EndImpersonations>()));
        services.AddRecurringJob("accounts.end_impersonations", Limits.ImpersonationsEndedEvery, (run, cancellationToken) =>
            run.Services.GetRequiredService<EndImpersonations>().Run(cancellationToken));
        services.AddSingleton<ReadPeople>();
        services.AddSingleton<SuspendUser>();
        services.AddSingleton(provider => new PeopleDirectory(
            provider.GetRequiredService<ReadPeople>(),
            provider.GetRequiredService<SuspendUser>(),
            provider.GetRequiredService<FinishDeletions>()));
        services.AddSingleton(provider => new Flags(
            provider.GetRequiredService<NpgsqlDataSource>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<SetFlags>();
        services.AddSingleton(provider => new FlagDesk(provider.GetRequiredService<SetFlags>()));
        services.AddSingleton<ClaimTrial>();
        services.AddSingleton(provider => new Trials(provider.GetRequiredService<ClaimTrial>()));
        services.AddSingleton<ShowBanner>();
        services.AddSingleton(provider => new Banners(provider.GetRequiredService<ShowBanner>()));
    }

    private static void MapDesk(RouteGroupBuilder api)
    {
        api.MapGet("/users", UserEndpoints.List)
            .WithName("listUsers")
            .WithSummary("List people with the organisations they belong to, newest first")
            .RequiresWithoutOrg(Permission.UsersRead);
        api.MapGet("/users/{id}", UserEndpoints.One)
            .WithName("getUser")
            .WithSummary("Show a person with the organisations they belong to")
            .RequiresWithoutOrg(Permission.UsersRead);
        api.MapPost("/users/{id}/suspend", UserEndpoints.Suspend)
            .WithName("suspendUser")
            .WithSummary("Shut a person out; every replica refuses them within a second")
            .MayAnswer(AccountsProblems.InvalidMember, AccountsProblems.CannotSuspendOneself)
            .RequiresWithoutOrg(Permission.OperatorsManage);
        api.MapPost("/users/{id}/reinstate", UserEndpoints.Reinstate)
            .WithName("reinstateUser")
            .WithSummary("Let a person in again")
            .MayAnswer(AccountsProblems.InvalidMember, AccountsProblems.CannotSuspendOneself)
            .RequiresWithoutOrg(Permission.OperatorsManage);
        api.MapPost("/impersonation", Impersonate.StartEndpoint)
            .WithName("startImpersonation")
            .WithSummary("Act in a person's stead for an hour, by session, with a reason")
            .MayAnswer(
                AccountsProblems.InvalidMember, AccountsProblems.SessionNeeded, AccountsProblems.CannotImpersonate)
            .RequiresWithoutOrg(Permission.UsersImpersonate);
        api.MapDelete("/impersonation", Impersonate.StopEndpoint)
            .WithName("stopImpersonation")
            .WithSummary("Act as oneself again")
            .MayAnswer(AccountsProblems.SessionNeeded)
            .RequiresAnyCaller();
        MapOperators(api);
        MapFlags(api);
    }

    private static void MapOperators(RouteGroupBuilder api)
    {
        api.MapGet("/operators", OperatorEndpoints.List)
            .WithName("listOperators")
            .WithSummary("List the operator's people, the longest first")
            .RequiresWithoutOrg(Permission.OperatorsManage);
        api.MapPost("/operators", OperatorEndpoints.Create)
            .WithName("createOperator")
            .WithSummary("Make somebody an operator, by their address")
            .MayAnswer(
                AccountsProblems.InvalidMember,
                AccountsProblems.AlreadyOperator,
                AccountsProblems.OwnRoles,
                AccountsProblems.OperatorAddressNotProved)
            .Idempotent()
            .RequiresWithoutOrg(Permission.OperatorsManage);
        api.MapPatch("/operators/{id}", OperatorEndpoints.Change)
            .WithName("changeOperator")
            .WithSummary("Give an operator other roles; every replica knows within a second")
            .MayAnswer(AccountsProblems.InvalidMember, AccountsProblems.OwnRoles, AccountsProblems.LastAdmin)
            .RequiresWithoutOrg(Permission.OperatorsManage);
        api.MapDelete("/operators/{id}", OperatorEndpoints.Remove)
            .WithName("removeOperator")
            .WithSummary("End somebody's being an operator; keys they made work on until they are revoked")
            .MayAnswer(AccountsProblems.InvalidMember, AccountsProblems.OwnRoles, AccountsProblems.LastAdmin)
            .RequiresWithoutOrg(Permission.OperatorsManage);
    }

    private static void MapFlags(RouteGroupBuilder api)
    {
        api.MapGet("/trial", ClaimTrial.ReadEndpoint)
            .WithName("getTrial")
            .WithSummary("Show how it stands with the organisation's trial")
            .Requires(Permission.OrganisationRead);
        api.MapPost("/trial", ClaimTrial.Endpoint)
            .WithName("claimTrial")
            .WithSummary("Start the organisation's trial with credit: once for it, and once for you")
            .MayAnswer(
                AccountsProblems.TrialsClosed,
                AccountsProblems.AddressNotProved,
                AccountsProblems.TrialClaimed,
                AccountsProblems.SessionNeeded)
            .Requires(Permission.BillingPurchase);
        api.MapGet("/flags", SetFlags.ListEndpoint)
            .WithName("listFlags")
            .WithSummary("List feature flags, with what they are set to for all and for the named organisation")
            .RequiresWithoutOrg(Permission.FlagsManage);
        api.MapPost("/flags", SetFlags.SetEndpoint)
            .WithName("setFlag")
            .WithSummary("Set a feature flag for the named organisation, or for all where none is named")
            .MayAnswer(AccountsProblems.InvalidMember)
            .RequiresWithoutOrg(Permission.FlagsManage);
        api.MapGet("/banner", ShowBanner.Endpoint)
            .WithName("getBanner")
            .WithSummary("Show the maintenance banner that is, or will be, on every page")
            .RequiresAnyCaller();
        api.MapPost("/banner", ShowBanner.AnnounceEndpoint)
            .WithName("announceBanner")
            .WithSummary("Announce something on every page, in place of what was announced before")
            .MayAnswer(AccountsProblems.InvalidMember)
            .RequiresWithoutOrg(Permission.FlagsManage);
        api.MapDelete("/banner", ShowBanner.TakeDownEndpoint)
            .WithName("takeDownBanner")
            .WithSummary("Take the maintenance banner down")
            .RequiresWithoutOrg(Permission.FlagsManage);
    }
}
