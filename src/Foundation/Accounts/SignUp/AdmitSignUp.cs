using System.Diagnostics;

namespace Quoin.Accounts;

/// <summary>Whether somebody may sign up.</summary>
internal abstract record SignUpAdmission
{
    private SignUpAdmission()
    {
    }

    /// <summary>They may not.</summary>
    public sealed record Refused : SignUpAdmission;

    /// <summary>They may, with the address their invitation went to.</summary>
    /// <param name="Email">That address.</param>
    /// <param name="Token">The invitation's secret.</param>
    public sealed record Invited(string Email, string Token) : SignUpAdmission;

    /// <summary>Everyone may, with any address.</summary>
    public sealed record Open : SignUpAdmission;

    /// <summary>Whether they may with an address.</summary>
    public bool Admits(string email) => this switch
    {
        Open => true,
        Invited(var invited, _) => EmailAddress.Folded(invited) == EmailAddress.Folded(email),
        _ => false,
    };
}

/// <summary>Says who may sign up: everyone, whoever comes with an invitation's link, or nobody.</summary>
internal sealed class AdmitSignUp(AccountsOptions options, AcceptInvitation invitations)
{
    /// <summary>Decides by the page somebody wants to return to: an invitation's own is how they show it.</summary>
    public async Task<SignUpAdmission> Handle(string returnTo, CancellationToken cancellationToken)
    {
        switch (options.SignUp)
        {
            case SignUpPolicy.Open:
                return new SignUpAdmission.Open();
            case SignUpPolicy.Closed:
                return new SignUpAdmission.Refused();
            case SignUpPolicy.Invited:
                const string folder = $"{InvitationPages.Path}/";
                var token = returnTo.StartsWith(folder, StringComparison.Ordinal) ? returnTo[folder.Length..] : "";
                return await invitations.Look(token, cancellationToken) is { } invitation
                    ? new SignUpAdmission.Invited(invitation.Email, token)
                    : new SignUpAdmission.Refused();
            default:
                throw new UnreachableException();
        }
    }
}
