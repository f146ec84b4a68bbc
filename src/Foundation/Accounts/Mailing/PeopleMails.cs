using System.Globalization;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>What is mailed to people about their account.</summary>
internal static class PeopleMails
{
    public static Mail SignUp(string email, string name, string link) => new(
        email,
        "Confirm your address",
        $"""
        Hello {name},

        somebody, most likely you, is signing up to Quoin with this address. To go on, open

        {link}

        and enter the password you chose. The link works once, for {Hours(Limits.SignUpLifetime)}.

        If it was not you, do nothing: without the link there is no account.

        """,
        "sign_up.verify");

    public static Mail AlreadySignedUp(string email, string signIn, string reset) => new(
        email,
        "You already have an account",
        $"""
        Hello,

        somebody, most likely you, wanted to sign up to Quoin with this address. There is an account with it already.

        Sign in: {signIn}
        Forgot the password? {reset}

        If it was not you, do nothing: nothing has changed.

        """,
        "sign_up.known");

    public static Mail Reset(string email, string link) => new(
        email,
        "Set a new password",
        $"""
        Hello,

        somebody, most likely you, wants to set a new password for this address. To do so, open

        {link}

        The link works once, for {Minutes(Limits.ResetLifetime)}. A new password ends every session.

        If it was not you, do nothing: the password stays as it is.

        """,
        "password.reset");

    public static Mail ResetOfNobody(string email, string signUp) => new(
        email,
        "There is no account with this address",
        $"""
        Hello,

        somebody, most likely you, wants to set a new password for this address. There is no account with it: perhaps you
        used another one. To sign up, open

        {signUp}

        If it was not you, do nothing.

        """,
        "password.reset_unknown");

    public static Mail PasswordChanged(string email, string reset) => new(
        email,
        "Your password was changed",
        $"""
        Hello,

        the password of your account was changed, and every other session has ended.

        If it was not you, set a new one now: {reset}

        """,
        "password.changed");

    public static Mail Verify(string email, string link) => new(
        email,
        "Confirm your address",
        $"""
        Hello,

        to confirm that this address is yours, open

        {link}

        while you are signed in. The link works once, for {Hours(Limits.EmailTokenLifetime)}.

        """,
        "email.verify");

    public static Mail Change(string email, string link) => new(
        email,
        "Confirm your new address",
        $"""
        Hello,

        you want to sign in to Quoin with this address from now on. To confirm it, open

        {link}

        while you are signed in. The link works once, for {Hours(Limits.EmailTokenLifetime)}.

        If it was not you, do nothing: the address stays as it is.

        """,
        "email.change");

    public static Mail Changed(string old, string present) => new(
        old,
        "Your address was changed",
        $"""
        Hello,

        you sign in to Quoin with {present} from now on, not with this address any more.

        If it was not you, ask whoever runs this Quoin for help, now.

        """,
        "email.changed");

    public static Mail SecondFactorChanged(string email, bool isSet) => new(
        email,
        isSet ? "Your second factor is set up" : "Your second factor was removed",
        $"""
        Hello,

        {(isSet
            ? "from now on you are asked for a code of your authenticator app when you sign in."
            : "from now on you are not asked for a code any more when you sign in.")}

        If it was not you, set a new password now, and then look at your account's sessions.

        """,
        "second_factor.changed");

    public static Mail WayInChanged(string email, string what, bool isAdded) => new(
        email,
        isAdded ? "A new way to sign in to your account" : "A way to sign in to your account was removed",
        $"""
        Hello,

        from now on {what} {(isAdded ? "signs you in to Quoin." : "does not sign you in to Quoin any more.")}

        If it was not you, set a new password now, and then look at your account's ways to sign in and its sessions.

        """,
        "account.way_in_changed");

    public static Mail DeletionAsked(string email, DateTimeOffset deletesAt) => new(
        email,
        "Your account will be deleted",
        $"""
        Hello,

        you asked to have your Quoin account deleted. You are signed out everywhere, and on {Day(deletesAt)} what is known
        of you is removed for good.

        Changed your mind, or was it not you? Sign in before that day, and everything stays.

        """,
        "account.deletion_asked");

    public static Mail DeletionTakenBack(string email) => new(
        email,
        "Your account stays",
        """
        Hello,

        you signed in, so your Quoin account is not deleted.

        If it was not you, set a new password now, and then look at your account's sessions.

        """,
        "account.deletion_taken_back");

    public static Mail Deleted(string email) => new(
        email,
        "Your account was deleted",
        """
        Hello,

        your Quoin account was deleted, as you asked. What was known of you is gone; audit logs and books name you by a
        number only.

        """,
        "account.deleted");

    private static string Day(DateTimeOffset instant) => instant.ToString("d MMMM yyyy", CultureInfo.InvariantCulture);

    private static string Hours(TimeSpan time) => $"{time.TotalHours:0} hours";

    private static string Minutes(TimeSpan time) => $"{time.TotalMinutes:0} minutes";
}
