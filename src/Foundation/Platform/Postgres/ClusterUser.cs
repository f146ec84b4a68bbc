namespace Quoin.Platform;

/// <summary>
/// The system user PostgreSQL's programs run as. PostgreSQL refuses to run as root, so root hands over to
/// <c>postgres</c>; any other user runs them itself.
/// </summary>
/// <param name="Name">The user to hand over to; null to stay who one is.</param>
public sealed record ClusterUser(string? Name)
{
    /// <summary>Whether this process is root.</summary>
    public static bool IsRoot => !OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess;

    /// <summary>
    /// The user to run PostgreSQL as: oneself; for root, who already owns the cluster, else <c>postgres</c>, which
    /// packages create, else <c>quoin</c>.
    /// </summary>
    /// <param name="clusterFolder">The cluster's folder, there or not.</param>
    /// <param name="cancellationToken">Ends the wait for the system's programs.</param>
    public static async Task<ClusterUser> Choose(string clusterFolder, CancellationToken cancellationToken)
    {
        if (!IsRoot)
        {
            return new ClusterUser(Name: null);
        }

        if (Directory.Exists(clusterFolder))
        {
            string[] format = OperatingSystem.IsMacOS() ? ["-f", "%Su"] : ["-c", "%U"];
            var owner = await SystemProgram.Run("stat", [.. format, clusterFolder], cancellationToken);
            if (owner.Succeeded && owner.Output.Trim() is var name and not "root")
            {
                return new ClusterUser(name);
            }
        }

        var known = await SystemProgram.Run("id", ["-u", "postgres"], cancellationToken);
        return new ClusterUser(known.Succeeded ? "postgres" : "quoin");
    }

    /// <summary>Makes sure that the user exists.</summary>
    /// <returns>A failure's output says why it could not be created.</returns>
    public async Task<ProgramResult> Create(CancellationToken cancellationToken)
    {
        if (Name is null)
        {
            return new ProgramResult(0, string.Empty);
        }

        var known = await SystemProgram.Run("id", ["-u", Name], cancellationToken);
        return known.Succeeded
            ? known
            : await SystemProgram.Run(
                "useradd", ["--system", "--no-create-home", "--shell", "/usr/sbin/nologin", Name], cancellationToken);
    }

    /// <summary>The first folder on the way to a path that the user may not enter; null when it can reach the path.</summary>
    public async Task<string?> FirstClosedFolder(string path, CancellationToken cancellationToken)
    {
        var way = new Stack<string>();
        for (var folder = path; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            way.Push(folder);
        }

        foreach (var folder in way)
        {
            if (!(await Run("test", ["-x", folder], cancellationToken)).Succeeded)
            {
                return folder;
            }
        }

        return null;
    }

    /// <summary>Gives a file or folder to the user; nothing to do when it is oneself.</summary>
    public async Task Own(string path, CancellationToken cancellationToken)
    {
        if (Name is not null)
        {
            await SystemProgram.Run("chown", [Name, path], cancellationToken);
        }
    }

    /// <summary>Runs one of PostgreSQL's programs as the user and waits for its end.</summary>
    public Task<ProgramResult> Run(
        string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        Name is null
            ? SystemProgram.Run(program, arguments, cancellationToken)
            : SystemProgram.Run(HandOver, [.. HandOverArguments(Name), program, .. arguments], cancellationToken);

    // util-linux is on every Linux; macOS only has su.
    private static string HandOver => OperatingSystem.IsMacOS() ? "su" : "runuser";

    private static string[] HandOverArguments(string user) => OperatingSystem.IsMacOS()
        ? ["-m", user, "-c", "exec \"$0\" \"$@\"", "--"]
        : ["-u", user, "--"];
}
