using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Accounts' table of contents: who is asking, and who is billed.</summary>
public static class AccountsModule
{
    /// <summary>Adds Accounts to the host, beside Platform.</summary>
    public static IServiceCollection AddAccounts(this IServiceCollection services)
    {
        services.AddSingleton<AccountsMetrics>();
        AddAudit(services);
        AddOrganisations(services);
        AddKeys(services);
        AddOperators(services);
        AddPeople(services);
        MembersModule.Add(services);
        services.AddProofs();
        services.AddSingleton<ICallerSource, CallerSource>();
        services.AddSingleton(new CallerProblems(
        [
            AccountsProblems.InvalidKey, AccountsProblems.RevokedKey, AccountsProblems.ExpiredKey,
            AccountsProblems.ServiceAccountDisabled, AccountsProblems.KeyOwnerGone, AccountsProblems.SessionEnded,
            AccountsProblems.AmbiguousCredentials, AccountsProblems.OrganisationNotFound,
            PlatformProblems.OrganisationSelectionRequired, AccountsProblems.OrganisationDeleting,
        ]));
        return services;
    }

    /// <summary>Adds Accounts' endpoints and its pages.</summary>
    public static IEndpointRouteBuilder MapAccounts(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/v1").WithTags("Accounts").LimitsBody(Limits.BodyBytesMax);
        MapOrganisations(api);
        MapKeys(api);
        MapKeyRotation(api);
        MapServiceAccounts(api);
        MembersModule.Map(api);
        MapMyAccount(api);
        MapSecondFactor(api);
        MapDevices(api);
        MapDesk(api);
        MapSshKeys(api);
        MapAudit(api);
        api.MapProofs();
        MapSignIn(routes.MapGroup(string.Empty).ExcludeFromDescription());
        routes.MapGroup(string.Empty).ExcludeFromDescription().MapProofPages();
        return routes;
    }

    private static void AddAudit(IServiceCollection services)
    {
        services.AddSingleton<AuditLog>();
        services.AddSingleton<IAudit>(provider => provider.GetRequiredService<AuditLog>());
        services.AddSingleton<AuditReader>();
        services.AddHttpContextAccessor();
    }

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

    private static void AddOrganisations(IServiceCollection services)
    {
        services.AddSingleton<OrganisationReader>();
        services.AddSingleton<CreateOrganisation>();
        services.AddSingleton<OpenBillingAccount>();
        services.AddSingleton<ListOrganisations>();
        services.AddSingleton<ListBillingAccounts>();
        services.AddSingleton<SearchOrganisations>();
        services.AddSingleton(provider => new Organisations(
            provider.GetRequiredService<OrganisationReader>(),
            provider.GetRequiredService<CreateOrganisation>(),
            provider.GetRequiredService<OpenBillingAccount>(),
            provider.GetRequiredService<ListBillingAccounts>(),
            provider.GetRequiredService<SearchOrganisations>()));
    }

    private static void AddKeys(IServiceCollection services)
    {
        services.AddSingleton<SecretHasher>();
        services.AddSingleton<KeyLookup>();
        services.AddSingleton<KeyUses>();
        services.AddHostedService(provider => provider.GetRequiredService<KeyUses>());
        services.AddSingleton<CreateKey>();
        services.AddSingleton<ListKeys>();
        services.AddSingleton<RevokeKey>();
        services.AddSingleton<RotateKey>();
        services.AddSingleton<FindKeyOrigin>();
        services.AddSingleton<IssueDeviceCode>();
        services.AddSingleton<FetchDeviceKey>();
        services.AddSingleton<DecideDevice>();
        services.AddSingleton(provider => new Devices(provider.GetRequiredService<DecideDevice>()));
        services.AddSingleton<ShowCaller>();
        AddDesk(services);
        services.AddSingleton<ManageSshKeys>();
        services.AddSingleton(provider => new SshKeys(provider.GetRequiredService<ManageSshKeys>()));
        services.AddSingleton<ManageServiceAccounts>();
        services.AddSingleton(provider => new ServiceAccounts(provider.GetRequiredService<ManageServiceAccounts>()));
        services.AddSingleton(provider => new Keys(
            provider.GetRequiredService<CreateKey>(),
            provider.GetRequiredService<ListKeys>(),
            provider.GetRequiredService<RevokeKey>(),
            provider.GetRequiredService<RotateKey>(),
            provider.GetRequiredService<FindKeyOrigin>()));
    }

    private static void AddOperators(IServiceCollection services)
    {
        services.AddSingleton<SessionLookup>();
        services.AddSingleton<SessionCookie>();
        services.AddSingleton<CreateOperator>();
        services.AddSingleton<CreateSignInLink>();
        services.AddSingleton<SetOperatorPassword>();
        services.AddSingleton<StartSession>();
        services.AddSingleton(provider => new Operators(
            provider.GetRequiredService<CreateOperator>(),
            provider.GetRequiredService<CreateSignInLink>(),
            provider.GetRequiredService<SetOperatorPassword>()));
    }

    private static void AddPeople(IServiceCollection services)
    {
        services.AddSingleton<CreateUser>();
        services.AddSingleton(provider => new Users(
            provider.GetRequiredService<NpgsqlDataSource>(),
            provider.GetRequiredService<CreateUser>()));
        services.AddSingleton<SessionStarter>();
        services.AddSingleton<SignedIn>();
        AddPasswords(services);
    }

    private static void AddPasswords(IServiceCollection services)
    {
        services.TryAddSingleton(new AccountsOptions());
        services.AddSingleton<PublicLinks>();
        services.AddSingleton<Rates>();
        services.AddSingleton<Attempts>();
        services.AddSingleton<PasswordHashing>();
        services.AddSingleton<StorePassword>();
        services.AddSingleton<EmailTokens>();
        services.AddSingleton<SignInWithPassword>();
        services.AddSingleton<RegisterPerson>();
        services.AddSingleton<AdmitSignUp>();
        services.AddSingleton<SignUp>();
        services.AddSingleton<FinishSignUp>();
        services.AddSingleton<ConfirmEmail>();
        services.AddSingleton<ResetPassword>();
        AddMyAccount(services);
        services.AddSingleton<ForgetAttempts>();
        services.AddRecurringJob("accounts.forget_attempts", Limits.AttemptsForgottenEvery, (run, cancellationToken) =>
            run.Services.GetRequiredService<ForgetAttempts>().Run(cancellationToken));
    }

    private static void AddMyAccount(IServiceCollection services)
    {
        services.AddSingleton<SessionUses>();
        services.AddHostedService(provider => provider.GetRequiredService<SessionUses>());
        services.AddSingleton<PresentSession>();
        services.AddSingleton<ManageSessions>();
        services.AddSingleton<ChangePassword>();
        services.AddSingleton<ChangeEmail>();
        services.AddSingleton<ChangeName>();
        services.AddSingleton<RecoveryCodes>();
        services.AddSingleton<SecondFactors>();
        services.AddSingleton<GiveSecondFactor>();
        services.AddSingleton(provider => new MyAccount(
            provider.GetRequiredService<NpgsqlDataSource>(),
            provider.GetRequiredService<SessionCookie>(),
            provider.GetRequiredService<ManageSessions>(),
            provider.GetRequiredService<ChangePassword>(),
            provider.GetRequiredService<ChangeEmail>(),
            provider.GetRequiredService<ChangeName>(),
            provider.GetRequiredService<SecondFactors>()));
    }

    private static void MapOrganisations(RouteGroupBuilder api)
    {
        api.MapPost("/organisations", CreateOrganisation.Endpoint)
            .WithName("createOrganisation")
            .WithSummary("Create an organisation with its default billing account")
            .MayAnswer(AccountsProblems.InvalidMember, AccountsProblems.SlugTaken)
            .Idempotent()
            .RequiresWithoutOrg(Permission.OrganisationsManage);
        api.MapGet("/organisations", ListOrganisations.Endpoint)
            .WithName("listOrganisations")
            .WithSummary("List organisations, newest first")
            .RequiresWithoutOrg(Permission.OrganisationsRead);
        api.MapGet("/organisation", ListOrganisations.OwnEndpoint)
            .WithName("getOrganisation")
            .WithSummary("Show the organisation acted in")
            .Requires(Permission.OrganisationRead);
        api.MapPost("/billing-accounts", OpenBillingAccount.Endpoint)
            .WithName("openBillingAccount")
            .WithSummary("Open a further billing account")
            .MayAnswer(AccountsProblems.InvalidMember, PlatformProblems.NotFound)
            .Idempotent()
            .Requires(Permission.ProjectsManage);
        api.MapGet("/billing-accounts", ListBillingAccounts.Endpoint)
            .WithName("listBillingAccounts")
            .WithSummary("List the organisation's billing accounts, the default one first")
            .Requires(Permission.OrganisationRead);
    }

    private static void MapKeys(RouteGroupBuilder api)
    {
        api.MapPost("/keys", CreateKey.Endpoint)
            .WithName("createKey")
            .WithSummary("Create a key of the organisation; its secret is shown this once")
            .MayAnswer(AccountsProblems.InvalidMember, AccountsProblems.TooManyKeys)
            .Idempotent()
            .Requires(Permission.KeysManage);
        api.MapGet("/keys", ListKeys.Endpoint)
            .WithName("listKeys")
            .WithSummary("List the organisation's keys, newest first")
            .Requires(Permission.KeysManage);
        api.MapDelete("/keys/{id}", RevokeKey.Endpoint)
            .WithName("revokeKey")
            .WithSummary("Revoke a key; every replica refuses it within a second")
            .MayAnswer(AccountsProblems.InvalidMember)
            .Requires(Permission.KeysManage);
        api.MapPost("/operator-keys", CreateKey.OperatorEndpoint)
            .WithName("createOperatorKey")
            .WithSummary("Create a key of the operator; its secret is shown this once")
            .MayAnswer(AccountsProblems.InvalidMember, AccountsProblems.TooManyKeys)
            .Idempotent()
            .RequiresWithoutOrg(Permission.OperatorsManage);
        api.MapGet("/operator-keys", ListKeys.OperatorEndpoint)
            .WithName("listOperatorKeys")
            .WithSummary("List the operator's keys, newest first")
            .RequiresWithoutOrg(Permission.OperatorsManage);
        api.MapDelete("/operator-keys/{id}", RevokeKey.OperatorEndpoint)
            .WithName("revokeOperatorKey")
            .WithSummary("Revoke a key of the operator; every replica refuses it within a second")
            .MayAnswer(AccountsProblems.InvalidMember)
            .RequiresWithoutOrg(Permission.OperatorsManage);
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

    private static void AddDesk(IServiceCollection services)
    {
        services.AddSingleton<Impersonate>();
        services.AddSingleton(provider => new Impersonations(provider.GetRequiredService<Impersonate>()));
        services.AddSingleton<ReadPeople>();
        services.AddSingleton<SuspendUser>();
        services.AddSingleton(provider => new PeopleDirectory(
            provider.GetRequiredService<ReadPeople>(), provider.GetRequiredService<SuspendUser>()));
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
        MapFlags(api);
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
            .RequiresWithoutOrg(Permission.ProfileManage);
        api.MapDelete("/me/ssh-keys/{id}", SshKeyEndpoints.Remove)
            .WithName("removeSshKey")
            .WithSummary("Remove one of your SSH public keys")
            .RequiresWithoutOrg(Permission.ProfileManage);
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

    private static void MapSignIn(RouteGroupBuilder pages)
    {
        pages.MapGet($"{InvitationPages.Path}/{{token}}", InvitationPages.Show).AllowsAnyone();
        pages.MapPost($"{InvitationPages.Path}/{{token}}", InvitationPages.Accept)
            .LimitsBody(Limits.SignInFormBytesMax)
            .RequiresSignIn(Permission.ProfileManage);
        pages.MapGet(RedirectsToSignIn.Path, SignInEndpoints.Show).AllowsAnyone();
        pages.MapPost(RedirectsToSignIn.Path, SignInEndpoints.Enter)
            .LimitsBody(Limits.SignInFormBytesMax)
            .AllowsAnyone();
        MapPeoplePages(pages);
        pages.MapGet("/sign-out", SignInEndpoints.ShowSignOut).AllowsAnyone();
        pages.MapPost("/sign-out", SignInEndpoints.Leave)
            .LimitsBody(Limits.SignInFormBytesMax)
            .AllowsAnyone();
    }

    private static void MapMyAccount(RouteGroupBuilder api)
    {
        api.MapGet("/me", MyAccountEndpoints.Show)
            .WithName("getMe")
            .WithSummary("Show the signed-in person")
            .RequiresWithoutOrg(Permission.ProfileManage);
        api.MapPatch("/me", MyAccountEndpoints.Change)
            .WithName("changeMe")
            .WithSummary("Change what the signed-in person is called")
            .MayAnswer(AccountsProblems.InvalidMember)
            .RequiresWithoutOrg(Permission.ProfileManage);
        api.MapGet("/me/sessions", MyAccountEndpoints.Sessions)
            .WithName("listMySessions")
            .WithSummary("List one's sessions that have not ended, the last used first")
            .RequiresWithoutOrg(Permission.ProfileManage);
        api.MapDelete("/me/sessions/{id}", MyAccountEndpoints.EndSession)
            .WithName("endMySession")
            .WithSummary("End one of one's sessions; every replica refuses it within a second")
            .MayAnswer(PlatformProblems.NotFound)
            .RequiresWithoutOrg(Permission.ProfileManage);
        api.MapPost("/me/sessions/end-others", MyAccountEndpoints.EndOtherSessions)
            .WithName("endMyOtherSessions")
            .WithSummary("End all of one's sessions but this one")
            .RequiresWithoutOrg(Permission.ProfileManage);
        api.MapPost("/me/password", MyAccountEndpoints.ChangePassword)
            .WithName("changeMyPassword")
            .WithSummary("Change one's password; every session ends, and the answer carries a new one")
            .MayAnswer(
                AccountsProblems.InvalidMember, AccountsProblems.RecentSignInRequired, AccountsProblems.TooManyAttempts)
            .RequiresWithoutOrg(Permission.ProfileManage);
        api.MapPost("/me/email", MyAccountEndpoints.ChangeEmail)
            .WithName("changeMyEmail")
            .WithSummary("Have a link sent that confirms one's address, or a new one")
            .MayAnswer(
                AccountsProblems.InvalidMember, AccountsProblems.RecentSignInRequired, AccountsProblems.TooManyAttempts,
                AccountsProblems.NoPublicUrl)
            .RequiresWithoutOrg(Permission.ProfileManage);
    }

    private static void MapSecondFactor(RouteGroupBuilder api)
    {
        api.MapPost("/me/second-factor", MyAccountEndpoints.BeginSecondFactor)
            .WithName("beginSecondFactor")
            .WithSummary("Make a secret for an authenticator app; it counts once it is confirmed")
            .MayAnswer(AccountsProblems.SecondFactorState)
            .RequiresWithoutOrg(Permission.ProfileManage);
        api.MapPost("/me/second-factor/confirm", MyAccountEndpoints.ConfirmSecondFactor)
            .WithName("confirmSecondFactor")
            .WithSummary("Set the second factor up with a first code; the answer shows recovery codes this once")
            .MayAnswer(
                AccountsProblems.InvalidMember, AccountsProblems.SecondFactorState, AccountsProblems.TooManyAttempts)
            .RequiresWithoutOrg(Permission.ProfileManage);
        api.MapPost("/me/second-factor/remove", MyAccountEndpoints.RemoveSecondFactor)
            .WithName("removeSecondFactor")
            .WithSummary("Remove the second factor with a last code, or a recovery code")
            .MayAnswer(
                AccountsProblems.InvalidMember, AccountsProblems.SecondFactorState, AccountsProblems.TooManyAttempts)
            .RequiresWithoutOrg(Permission.ProfileManage);
        api.MapPost("/me/second-factor/recovery-codes", MyAccountEndpoints.RenewRecoveryCodes)
            .WithName("renewRecoveryCodes")
            .WithSummary("Make new recovery codes; the old ones stop working")
            .MayAnswer(
                AccountsProblems.InvalidMember, AccountsProblems.SecondFactorState, AccountsProblems.TooManyAttempts)
            .RequiresWithoutOrg(Permission.ProfileManage);
    }

    private static void MapPeoplePages(RouteGroupBuilder pages)
    {
        pages.MapGet(SignUpEndpoints.Path, SignUpEndpoints.Show).AllowsAnyone();
        pages.MapPost(SignUpEndpoints.Path, SignUpEndpoints.Begin)
            .LimitsBody(Limits.SignInFormBytesMax)
            .AllowsAnyone();
        pages.MapGet("/verify-email", VerifyEmailEndpoints.Show).AllowsAnyone();
        pages.MapPost("/verify-email", VerifyEmailEndpoints.Confirm)
            .LimitsBody(Limits.SignInFormBytesMax)
            .AllowsAnyone();
        pages.MapGet(ResetPasswordEndpoints.AskPath, ResetPasswordEndpoints.ShowAsk).AllowsAnyone();
        pages.MapPost(ResetPasswordEndpoints.AskPath, ResetPasswordEndpoints.Ask)
            .LimitsBody(Limits.SignInFormBytesMax)
            .AllowsAnyone();
        pages.MapGet(SignedIn.SecondFactorPath, SecondFactorEndpoints.Show).AllowsAnyone();
        pages.MapPost(SignedIn.SecondFactorPath, SecondFactorEndpoints.Give)
            .LimitsBody(Limits.SignInFormBytesMax)
            .AllowsAnyone();
        pages.MapGet("/reset-password", ResetPasswordEndpoints.Show).AllowsAnyone();
        pages.MapPost("/reset-password", ResetPasswordEndpoints.Reset)
            .LimitsBody(Limits.SignInFormBytesMax)
            .AllowsAnyone();
    }
}
