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

    public static Command Create() => new("admin", "Make operators and let them in; check the audit log.")
    {
        Subcommand("create", "Make somebody an operator. None exists before that.", [Email, Roles], CreateOperator),
        Subcommand("sign-in-link", "Make a link that signs an operator in, once.", [Email, Url], SignInLink),
        Subcommand("verify-audit", "Recompute an audit log's hashes from its first entry.", [Org], VerifyAudit),
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
            CreateOperatorOutcome.Invalid(var input) => throw new CommandException(input.ToString()),
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
