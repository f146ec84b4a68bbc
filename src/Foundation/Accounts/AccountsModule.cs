using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Accounts' table of contents: who is asking, and who is billed.</summary>
public static partial class AccountsModule
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
        MapConfirmation(api);
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

    private static void AddOrganisations(IServiceCollection services)
    {
        services.AddSingleton<OrganisationReader>();
        services.AddSingleton<CreateOrganisation>();
        services.AddSingleton<OpenBillingAccount>();
        services.AddSingleton<ManageBillingAccounts>();
        services.AddSingleton(provider => new BillingAccounts(
            provider.GetRequiredService<OpenBillingAccount>(),
            provider.GetRequiredService<ManageBillingAccounts>()));
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
        services.AddSingleton<SetKeyExpiry>();
        services.AddSingleton<FindKeyOrigin>();
        services.AddSingleton<FindLines>();
        services.AddSingleton<FindKeyBySecret>();
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
            provider.GetRequiredService<SetKeyExpiry>(),
            provider.GetRequiredService<FindKeyOrigin>(),
            provider.GetRequiredService<FindKeyBySecret>(),
            provider.GetRequiredService<FindLines>()));
    }

    private static void AddOperators(IServiceCollection services)
    {
        services.AddSingleton<SessionLookup>();
        services.AddSingleton<SessionCookie>();
        services.AddSingleton<CreateOperator>();
        services.AddSingleton<ManageOperators>();
        services.AddSingleton<CreateSignInLink>();
        services.AddSingleton<SetOperatorPassword>();
        services.AddSingleton<StartSession>();
        services.AddSingleton(provider => new Operators(
            provider.GetRequiredService<CreateOperator>(),
            provider.GetRequiredService<CreateSignInLink>(),
            provider.GetRequiredService<SetOperatorPassword>(),
            provider.GetRequiredService<ManageOperators>()));
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
        services.AddSingleton<EndSessions>();
        services.AddSingleton<SecurityNotices>();
        services.AddSingleton<KeepPerson>();
        services.AddSingleton<PersonalOrganisations>();
        services.AddSingleton<DeletePerson>();
        services.AddSingleton<FinishDeletions>();
        services.AddRecurringJob("accounts.delete_people", Limits.PeopleDeletedEvery, (run, cancellationToken) =>
            run.Services.GetRequiredService<FinishDeletions>().Run(cancellationToken));
        services.AddSingleton<ConfirmSignIn>();
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
            provider.GetRequiredService<SecondFactors>(),
            provider.GetRequiredService<PresentSession>()));
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
        MapBillingAccounts(api);
    }

    private static void MapBillingAccounts(RouteGroupBuilder api)
    {
        api.MapPost("/billing-accounts", OpenBillingAccount.Endpoint)
            .WithName("openBillingAccount")
            .WithSummary("Open a further billing account")
            .MayAnswer(
                AccountsProblems.InvalidMember, PlatformProblems.NotFound, AccountsProblems.ProjectHasBillingAccount,
                AccountsProblems.TooManyBillingAccounts)
            .Idempotent()
            .Requires(Permission.ProjectsManage);
        api.MapGet("/billing-accounts", ListBillingAccounts.Endpoint)
            .WithName("listBillingAccounts")
            .WithSummary("List the organisation's billing accounts, the default one first")
            .Requires(Permission.OrganisationRead);
        api.MapPatch("/billing-accounts/{id}", BillingAccountEndpoints.Rename)
            .WithName("renameBillingAccount")
            .WithSummary("Rename a billing account")
            .MayAnswer(AccountsProblems.InvalidMember)
            .Requires(Permission.ProjectsManage);
        api.MapPost("/billing-accounts/{id}/close", BillingAccountEndpoints.Close)
            .WithName("closeBillingAccount")
            .WithSummary("Close a billing account on which nothing is owed, held or running")
            .MayAnswer(
                AccountsProblems.InvalidMember, AccountsProblems.DefaultBillingAccount,
                AccountsProblems.BillingAccountInUse)
            .Requires(Permission.ProjectsManage);
        api.MapPost("/billing-accounts/{id}/reopen", BillingAccountEndpoints.Reopen)
            .WithName("reopenBillingAccount")
            .WithSummary("Open a closed billing account again")
            .MayAnswer(AccountsProblems.InvalidMember, AccountsProblems.ProjectHasBillingAccount)
            .Requires(Permission.ProjectsManage);
    }

    private static void MapKeys(RouteGroupBuilder api)
    {
        api.MapPost("/keys", CreateKey.Endpoint)
            .WithName("createKey")
            .WithSummary("Create a key of the organisation; its secret is shown this once")
            .MayAnswer(AccountsProblems.InvalidMember, AccountsProblems.TooManyKeys, PlatformProblems.NotFound)
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

    private static void MapSignIn(RouteGroupBuilder pages)
    {
        pages.MapGet($"{InvitationPages.Path}/{{token}}", InvitationPages.Show).AllowsAnyone();
        pages.MapPost($"{InvitationPages.Path}/{{token}}", InvitationPages.Accept)
            .LimitsBody(Limits.SignInFormBytesMax)
            .RequiresSignIn(Permission.ProfileManage);
        pages.MapGet(RedirectsToSignIn.Path, SignInEndpoints.Show).AllowsAnyone();
        pages.MapPost(RedirectsToSignIn.Path, SignInEndpoints.Enter)
            .LimitsBody(Limits.SignInFormBytesMax)
            .LimitsSignInsOnPage(SignInEndpoints.Forgotten)
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

    private static void MapConfirmation(RouteGroupBuilder api)
    {
        api.MapPost("/me/confirm", ConfirmSignInEndpoints.Endpoint)
            .WithName("confirmSignIn")
            .WithSummary("Prove once more that it is you, for the next ten minutes")
            .MayAnswer(AccountsProblems.InvalidMember, AccountsProblems.RecentSignInRequired)
            .LimitsSignIns()
            .RequiresWithoutOrg(Permission.ProfileManage);
        api.MapPost("/me/confirm/passkey", ConfirmSignInEndpoints.PasskeyEndpoint)
            .WithName("confirmSignInWithPasskey")
            .WithSummary("Prove once more that it is you, with a passkey")
            .MayAnswer(ProofProblems.PasskeyRefused)
            .LimitsSignIns()
            .RequiresWithoutOrg(Permission.ProfileManage);
        api.MapPost("/me/deletion", DeletePersonEndpoints.Endpoint)
            .WithName("deleteMe")
            .WithSummary("Have your account deleted after fourteen days; signing in before takes it back")
            .MayAnswer(AccountsProblems.SoleOwner, AccountsProblems.OperatorStays)
            .NeedsRecentSignIn()
            .RequiresWithoutOrg(Permission.ProfileManage);
    }

    private static void MapSecondFactor(RouteGroupBuilder api)
    {
        api.MapPost("/me/second-factor", MyAccountEndpoints.BeginSecondFactor)
            .WithName("beginSecondFactor")
            .WithSummary("Make a secret for an authenticator app; it counts once it is confirmed")
            .MayAnswer(AccountsProblems.SecondFactorState)
            .NeedsRecentSignIn()
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
            .LimitsSignInsOnPage()
            .AllowsAnyone();
        pages.MapGet(ResetPasswordEndpoints.AskPath, ResetPasswordEndpoints.ShowAsk).AllowsAnyone();
        pages.MapPost(ResetPasswordEndpoints.AskPath, ResetPasswordEndpoints.Ask)
            .LimitsBody(Limits.SignInFormBytesMax)
            .AllowsAnyone();
        pages.MapGet(SignedIn.SecondFactorPath, SecondFactorEndpoints.Show).AllowsAnyone();
        pages.MapPost(SignedIn.SecondFactorPath, SecondFactorEndpoints.Give)
            .LimitsBody(Limits.SignInFormBytesMax)
            .LimitsSignInsOnPage()
            .AllowsAnyone();
        pages.MapGet("/reset-password", ResetPasswordEndpoints.Show).AllowsAnyone();
        pages.MapPost("/reset-password", ResetPasswordEndpoints.Reset)
            .LimitsBody(Limits.SignInFormBytesMax)
            .LimitsSignInsOnPage()
            .AllowsAnyone();
        pages.MapPost(DeletePersonEndpoints.Path, DeletePersonEndpoints.Page)
            .LimitsBody(Limits.SignInFormBytesMax)
            .NeedsRecentSignIn("/account")
            .RequiresSignIn(Permission.ProfileManage);
        pages.MapGet(RecentSignIn.Path, ConfirmSignInEndpoints.Show).RequiresSignIn(Permission.ProfileManage);
        pages.MapPost(RecentSignIn.Path, ConfirmSignInEndpoints.Confirm)
            .LimitsBody(Limits.SignInFormBytesMax)
            .LimitsSignInsOnPage()
            .RequiresSignIn(Permission.ProfileManage);
    }
}
