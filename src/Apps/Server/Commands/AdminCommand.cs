using System.CommandLine;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Server.Hosting;

namespace Quoin.Server.Commands;

/// <summary>
/// <c>quoin admin</c>: what only somebody with the database may do, above all making the first operator.
/// </summary>
internal static class AdminCommand
{
    /// <summary>Who acts, in the audit log: nobody is signed in to a command line.</summary>
    public const string Actor = "system";

    private static readonly Option<string> Email = new("--email")
    {
        Description = "The operator's e-mail address.",
        HelpName = "ADDRESS",
        Required = true,
    };

    private static readonly Option<string[]> Roles = new("--role")
    {
        Description = $"What they may do: {string.Join(", ", OperatorRole.All)}. May be given more than once.",
        HelpName = "ROLE",
        DefaultValueFactory = _ => [OperatorRole.Admin],
    };

    private static readonly Option<bool> SetsPassword = new("--set-password")
    {
        Description = "Ask for a password to sign in with; a program writes it to the standard input.",
    };

    private static readonly Option<string> Url = new("--url")
    {
        Description = "Where the console is reached.",
        HelpName = "URL",
        DefaultValueFactory = _ => "http://localhost:8080",
    };

    private static readonly Option<string?> Org = new("--org")
    {
        Description = "The organisation whose log to check. Default: the platform's own.",
        HelpName = "org_…",
    };

    public static Command Create() => new(
        "admin", "Make operators and let them in; make keys with the database at hand; check the audit log.")
    {
        Subcommand(
            "create",
            "Make somebody an operator. None exists before that.",
            [Email, Roles, SetsPassword],
            CreateOperator),
        Subcommand("sign-in-link", "Make a link that signs an operator in, once.", [Email, Url], SignInLink),
        Subcommand(
            "reset-second-factor",
            "Remove the second factor of somebody who lost phone and recovery codes.",
            [Email],
            ResetSecondFactor),
        Subcommand("verify-audit", "Recompute an audit log's hashes from its first entry.", [Org], VerifyAudit),
        KeysCommand.Create(),
        KeysCommand.CreateRotation(),
    };

    private static Command Subcommand(
        string name,
        string description,
        IEnumerable<Option> options,
        Func<IServiceProvider, ParseResult, CancellationToken, Task> work)
    {
        var command = new Command(name, description);
        foreach (var option in options)
        {
            command.Options.Add(option);
        }

        command.SetWorkOnServices(work);
        return command;
    }

    private static async Task CreateOperator(
        IServiceProvider services, ParseResult parsed, CancellationToken cancellationToken)
    {
        var outcome = await services.GetRequiredService<Operators>().Create(
            parsed.GetRequiredValue(Email), parsed.GetRequiredValue(Roles), Actor, cancellationToken);
        Console.WriteLine(outcome switch
        {
            CreateOperatorOutcome.Created(var person) => $"{person.Email} is an operator now: {Described(person)}.",
            CreateOperatorOutcome.AlreadyOperator(var person) =>
                $"{person.Email} already was an operator: {Described(person)}.",
            CreateOperatorOutcome.AddressNotProved => throw new CommandException(
                "Somebody has this address, and nothing has proved that it is theirs. They confirm it on their account's page."),
            CreateOperatorOutcome.Invalid(var input) => throw new CommandException(input.ToString()),
            _ => throw new System.Diagnostics.UnreachableException(),
        });
        if (parsed.GetValue(SetsPassword))
        {
            await SetPassword(services, parsed.GetRequiredValue(Email), cancellationToken);
        }
    }

    private static async Task SetPassword(
        IServiceProvider services, string email, CancellationToken cancellationToken)
    {
        var outcome = await services.GetRequiredService<Operators>().SetPassword(
            email, ReadPassword(), Actor, cancellationToken);
        Console.WriteLine(outcome switch
        {
            SetPasswordOutcome.Set => "The password is set; every session from before has ended.",
            SetPasswordOutcome.Invalid(var problem) => throw new CommandException(
                $"The password {problem}. Nothing else is undone; set one with: "
                + $"quoin admin create --email {email} --set-password"),
            _ => throw new System.Diagnostics.UnreachableException(),
        });
    }

    private static string ReadPassword()
    {
        if (Console.IsInputRedirected)
        {
            return Console.In.ReadLine() ?? "";
        }

        Console.Error.Write("Password: ");
        var password = ReadUnseen();
        Console.Error.Write("Once more: ");
        return ReadUnseen() == password ? password : throw new CommandException("The two are not the same.");
    }

    // Nothing of it is shown, not even how long it is.
    private static string ReadUnseen()
    {
        var letters = new System.Text.StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                letters.Length = Math.Max(0, letters.Length - 1);
            }
            else if (!char.IsControl(key.KeyChar))
            {
                letters.Append(key.KeyChar);
            }
        }

        Console.Error.WriteLine();
        return letters.ToString();
    }

    private static async Task ResetSecondFactor(
        IServiceProvider services, ParseResult parsed, CancellationToken cancellationToken)
    {
        var email = parsed.GetRequiredValue(Email);
        var outcome = await services.GetRequiredService<Operators>().ResetSecondFactor(email, Actor, cancellationToken);
        Console.WriteLine(outcome switch
        {
            ResetSecondFactorOutcome.Removed => $"{email} signs in without a second factor from now on.",
            ResetSecondFactorOutcome.NoneSet => $"{email} has no second factor.",
            ResetSecondFactorOutcome.NoSuchPerson => throw new CommandException($"Nobody has the address {email}."),
            _ => throw new System.Diagnostics.UnreachableException(),
        });
    }

    private static string Described(OperatorProfile person) => $"{person.Id}, {string.Join(", ", person.Roles)}";

    private static async Task SignInLink(
        IServiceProvider services, ParseResult parsed, CancellationToken cancellationToken)
    {
        var email = parsed.GetRequiredValue(Email);
        var outcome = await services.GetRequiredService<Operators>().CreateSignInLink(email, Actor, cancellationToken);
        Console.WriteLine(outcome switch
        {
            CreateSignInLinkOutcome.Created(var path, _) => parsed.GetRequiredValue(Url).TrimEnd('/') + path,
            CreateSignInLinkOutcome.NoSuchOperator => throw new CommandException(
                $"{email} is no operator. Make them one first: quoin admin create --email {email}"),
            _ => throw new System.Diagnostics.UnreachableException(),
        });
    }

    private static async Task VerifyAudit(
        IServiceProvider services, ParseResult parsed, CancellationToken cancellationToken)
    {
        var org = CommandFlow.ReadId<OrgId>(parsed.GetValue(Org));
        var verdict = await services.GetRequiredService<AuditLog>().Verify(org, cancellationToken);
        Console.WriteLine(verdict switch
        {
            AuditVerdict.Intact(var entries, var head) => $"{entries} entries, all as they were written. Head: {head}",
            AuditVerdict.Broken(var sequence, var why) =>
                throw new CommandException($"Broken at entry {sequence}: {why}"),
            _ => throw new System.Diagnostics.UnreachableException(),
        });
    }
}
