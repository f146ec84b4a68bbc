using Microsoft.AspNetCore.Http;
using QRCoder;
using Quoin.Accounts;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.ConsolePages.OwnAccount;

/// <summary>What a person's own page shows.</summary>
/// <param name="User">Who looks.</param>
/// <param name="Sessions">Where they are signed in.</param>
/// <param name="RecoveryCodesLeft">How many recovery codes they have.</param>
/// <param name="Ways">How they come in beside the password.</param>
/// <param name="SshKeys">Their SSH public keys, newest first.</param>
/// <param name="IsProved">Whether they proved lately enough who they are to change what matters most.</param>
/// <param name="Done">What went well just now; null for nothing.</param>
/// <param name="Complaint">What came to nothing just now; null for nothing.</param>
public sealed record AccountModel(
    UserProfile User,
    IReadOnlyList<SessionProfile> Sessions,
    int RecoveryCodesLeft,
    WaysToSignIn Ways,
    IReadOnlyList<SshKeyProfile> SshKeys,
    bool IsProved,
    string? Done,
    AccountComplaint? Complaint)
{
    /// <summary>What is wrong on a card; null for nothing.</summary>
    public string? ComplaintOf(string card) => Complaint?.Card == card ? Complaint.Text : null;
}

/// <summary>Why a form came to nothing.</summary>
/// <param name="Card">The card it stands on: a constant of <see cref="AccountPages"/>.</param>
/// <param name="Text">What is wrong, and what to do.</param>
public sealed record AccountComplaint(string Card, string Text);

/// <summary>A second factor that is being set up.</summary>
/// <param name="Secret">What the app is to know.</param>
/// <param name="Picture">The path of the picture the app reads, for an SVG.</param>
/// <param name="Size">The picture's side.</param>
public sealed record SecondFactorSetUp(SecondFactorSecret Secret, string Picture, int Size);

/// <summary>The page <c>/account</c>: what a person changes of themselves, whatever organisation they look at.</summary>
internal sealed class AccountPages(
    MyAccount account, SignInWays ways, Quoin.Accounts.SshKeys sshKeys)
{
    public const string Profile = "profile";
    public const string Email = "email";
    public const string Password = "password";
    public const string SecondFactor = "second-factor";
    public const string Sessions = "sessions";
    public const string Ways = "ways";
    public const string SshKeys = "ssh-keys";

    private const string WayRemoved = "way-removed";
    private const string PasskeyName = "passkey-name";
    private const string SshKeyAdded = "ssh-key-added";
    private const string SshKeyRemoved = "ssh-key-removed";

    /// <summary><c>GET /account</c>.</summary>
    public static async Task<IResult> Show(
        AccountPages pages, HttpContext context, CancellationToken cancellationToken) =>
        await pages.View(context, null, cancellationToken);

    /// <summary><c>POST /account/profile</c>.</summary>
    public static async Task<IResult> Rename(
        AccountPages pages, HttpContext context, CancellationToken cancellationToken)
    {
        var form = await PostedForm.Read(context.Request, cancellationToken);
        return await pages.account.Rename(Me(context), form["name"], cancellationToken) is { } invalid
            ? await pages.View(context, new(Profile, Sentence("The name", invalid.Errors["name"])), cancellationToken)
            : Done(context, Profile);
    }

    /// <summary><c>POST /account/email</c>.</summary>
    public static async Task<IResult> ChangeEmail(
        AccountPages pages, HttpContext context, CancellationToken cancellationToken)
    {
        var form = await PostedForm.Read(context.Request, cancellationToken);
        var outcome = await pages.account.ChangeEmail(context, Me(context), form["email"], cancellationToken);
        if (outcome is ChangeEmailOutcome.ProofTooOld)
        {
            return ProveAgain(context);
        }

        var problem = outcome switch
        {
            ChangeEmailOutcome.MailSent => null,
            ChangeEmailOutcome.Invalid(var wrong) => Sentence("The address", wrong),
            ChangeEmailOutcome.NoPublicUrl =>
                "This Quoin does not know how it is reached, so it cannot mail a link. Whoever runs it sets QUOIN_PUBLIC_URL.",
            ChangeEmailOutcome.TooMany(var wait) => $"Too many mails. Look into your mail, or wait {Wait(wait)}.",
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        return problem is null
            ? Done(context, "email-sent")
            : await pages.View(context, new(Email, problem), cancellationToken);
    }

    /// <summary><c>POST /account/password</c>.</summary>
    public static async Task<IResult> ChangePassword(
        AccountPages pages, HttpContext context, CancellationToken cancellationToken)
    {
        // Not trimmed: a password may begin with a space.
        var form = await context.Request.ReadFormAsync(cancellationToken);
        var outcome = await pages.account.ChangePassword(
            context, Me(context), form["current"].ToString(), form["new"].ToString(), cancellationToken);
        if (outcome is ChangePasswordOutcome.ProofTooOld)
        {
            return ProveAgain(context);
        }

        var problem = outcome switch
        {
            ChangePasswordOutcome.Changed => null,
            ChangePasswordOutcome.Invalid(var wrong) => Sentence("The new password", wrong),
            ChangePasswordOutcome.WrongPassword =>
                "The present password is not right. Forgotten? Sign out, and set a new one by mail.",
            ChangePasswordOutcome.TooMany(var wait) => $"Too many wrong passwords. Wait {Wait(wait)}.",
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        return problem is null
            ? Done(context, Password)
            : await pages.View(context, new(Password, problem), cancellationToken);
    }

    /// <summary><c>POST /account/second-factor</c>.</summary>
    public static async Task<IResult> BeginSecondFactor(
        AccountPages pages, HttpContext context, CancellationToken cancellationToken) =>
        await pages.account.BeginSecondFactor(Me(context), cancellationToken) is { } secret
            ? SetUp(context, secret)
            : PostedForm.SeeOther(context, Places.Account);

    /// <summary><c>POST /account/second-factor/confirm</c>.</summary>
    public static async Task<IResult> ConfirmSecondFactor(
        AccountPages pages, HttpContext context, CancellationToken cancellationToken)
    {
        var code = (await PostedForm.Read(context.Request, cancellationToken))["code"];
        return await pages.Answer(
            context, await pages.account.ConfirmSecondFactor(Me(context), code, cancellationToken), cancellationToken);
    }

    /// <summary><c>POST /account/second-factor/recovery-codes</c>.</summary>
    public static async Task<IResult> RenewRecoveryCodes(
        AccountPages pages, HttpContext context, CancellationToken cancellationToken)
    {
        var code = (await PostedForm.Read(context.Request, cancellationToken))["code"];
        return await pages.Answer(
            context, await pages.account.RenewRecoveryCodes(Me(context), code, cancellationToken), cancellationToken);
    }

    /// <summary><c>POST /account/second-factor/remove</c>.</summary>
    public static async Task<IResult> RemoveSecondFactor(
        AccountPages pages, HttpContext context, CancellationToken cancellationToken)
    {
        var code = (await PostedForm.Read(context.Request, cancellationToken))["code"];
        return await pages.Answer(
            context, await pages.account.RemoveSecondFactor(Me(context), code, cancellationToken), cancellationToken);
    }

    /// <summary><c>POST /account/sessions</c>.</summary>
    public static async Task<IResult> EndSessions(
        AccountPages pages, HttpContext context, CancellationToken cancellationToken)
    {
        var form = await PostedForm.Read(context.Request, cancellationToken);
        if (Id.TryParse<SignInSessionId>(form["session"], out var session))
        {
            await pages.account.EndSession(Me(context), session, cancellationToken);
        }
        else
        {
            await pages.account.EndOtherSessions(context, Me(context), cancellationToken);
        }

        return Done(context, Sessions);
    }

    /// <summary><c>POST /account/ssh-keys</c>.</summary>
    public static async Task<IResult> AddSshKey(
        AccountPages pages, HttpContext context, CancellationToken cancellationToken)
    {
        var form = await PostedForm.Read(context.Request, cancellationToken);
        var wanted = new NewSshKey(form["public_key"], form["label"] is { Length: > 0 } label ? label : null);
        var problem = await pages.sshKeys.Add(Me(context), wanted, cancellationToken) switch
        {
            SshKeyOutcome.Done => null,
            SshKeyOutcome.Known(var fingerprint) => $"You have the key {fingerprint} already.",
            SshKeyOutcome.TooMany => $"There are already {Quoin.Accounts.Limits.SshKeysMax} keys.",
            SshKeyOutcome.Invalid(var invalid) => string.Join(
                " ", invalid.Errors.Select(error => Sentence(error.Key == "label" ? "The name" : "The key", error.Value))),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        return problem is null
            ? Done(context, SshKeyAdded)
            : await pages.View(context, new(SshKeys, problem), cancellationToken);
    }

    /// <summary><c>POST /account/ssh-keys/remove</c>.</summary>
    public static async Task<IResult> RemoveSshKey(
        AccountPages pages, HttpContext context, CancellationToken cancellationToken)
    {
        var form = await PostedForm.Read(context.Request, cancellationToken);
        return Id.TryParse<SshKeyId>(form["key"], out var key)
            && await pages.sshKeys.Remove(Me(context), key, cancellationToken) is SshKeyOutcome.Done
                ? Done(context, SshKeyRemoved)
                : await pages.View(context, new(SshKeys, "There is no such key any more."), cancellationToken);
    }

    private readonly Quoin.Accounts.SshKeys sshKeys = sshKeys;

    // Whoever returns from there finds the page as it was, and repeats what they wanted.
    private static IResult ProveAgain(HttpContext context) =>
        PostedForm.SeeOther(context, RecentSignIn.PathFor(Places.Account));

    private readonly MyAccount account = account;

    private async Task<IResult> Answer(
        HttpContext context, SecondFactorOutcome outcome, CancellationToken cancellationToken)
    {
        var problem = outcome switch
        {
            SecondFactorOutcome.Done => null,
            SecondFactorOutcome.WrongCode =>
                "The code is not right, or was used before. Check the phone's clock and use the next one.",
            SecondFactorOutcome.NotSetUp => "No second factor is being set up. Begin again.",
            SecondFactorOutcome.TooMany(var wait) => $"Too many wrong codes. Wait {Wait(wait)}.",
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        if (problem is not null)
        {
            return await View(context, new(SecondFactor, problem), cancellationToken);
        }

        // Shown this once, so there is no page to lead to.
        return outcome is SecondFactorOutcome.Done { RecoveryCodes: { Count: > 0 } codes }
            ? Visits.Outside(context).Page<RecoveryCodesView, IReadOnlyList<string>>(codes)
            : Done(context, SecondFactor);
    }

    private static IResult SetUp(HttpContext context, SecondFactorSecret secret)
    {
        using var generator = new QRCodeGenerator();
        using var picture = generator.CreateQrCode(secret.Uri, QRCodeGenerator.ECCLevel.M);
        var squares = from row in Enumerable.Range(0, picture.ModuleMatrix.Count)
                      from column in Enumerable.Range(0, picture.ModuleMatrix.Count)
                      where picture.ModuleMatrix[row][column]
                      select $"M{column} {row}h1v1h-1z";
        return Visits.Outside(context).Page<SecondFactorView, SecondFactorSetUp>(
            new(secret, string.Concat(squares), picture.ModuleMatrix.Count));
    }

    private async Task<IResult> View(
        HttpContext context, AccountComplaint? complaint, CancellationToken cancellationToken)
    {
        var user = Me(context);
        var model = new AccountModel(
            await account.Profile(user, cancellationToken),
            await account.Sessions(context, user, cancellationToken),
            await account.RecoveryCodesLeft(user, cancellationToken),
            await ways.Of(user, cancellationToken),
            await sshKeys.Of(user, cancellationToken),
            await account.IsRecentlyProved(context, user, cancellationToken),
            complaint is null ? DoneText(context.Request.Query["done"].ToString()) : null,
            complaint ?? WrongText(context.Request.Query["wrong"].ToString()));
        return Visits.Outside(context).Page<AccountView, AccountModel>(
            model, complaint is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
    }

    private static string? DoneText(string done) => done switch
    {
        Profile => "Your name is changed.",
        Email => "Your address is confirmed.",
        "email-sent" => "A link is on its way to that address. Open it while you are signed in.",
        Password => "Your password is changed, and every other session has ended.",
        SecondFactor => "Your second factor is removed.",
        Sessions => "The session has ended.",
        WayRemoved => "It signs you in no more.",
        PasskeyName => "The passkey has another name.",
        SshKeyAdded => "The key is yours from now on.",
        SshKeyRemoved => "The key is removed.",
        _ => null,
    };

    // Forms of Accounts lead here with a word.
    private static AccountComplaint? WrongText(string wrong) => wrong switch
    {
        "last-way-in" => new(Ways, "That is the last way to sign in to your account. Add another one first."),
        "way-gone" => new(Ways, "There is no such one any more."),
        "passkey-name" => new(Ways, $"A name has 1 to {Quoin.Accounts.Limits.NameLettersMax} letters."),
        _ => null,
    };

    private static IResult Done(HttpContext context, string what) =>
        PostedForm.SeeOther(context, $"{Places.Account}?done={what}");

    private static UserId Me(HttpContext context) => MyAccount.UserOf(context.Caller())
        ?? throw new InvalidOperationException("Only people have an account's page.");

    private static string Sentence(string what, string wrong) => $"{what} {wrong}.";

    private static string Wait(TimeSpan wait) => wait.TotalSeconds <= 90
        ? $"{Math.Ceiling(wait.TotalSeconds)} seconds"
        : $"{Math.Ceiling(wait.TotalMinutes)} minutes";
}
