namespace Quoin.Tests.Support;

/// <content>What needs more of the tests' support than a bench has.</content>
internal sealed partial class QuoinProcess
{
    /// <summary>
    /// Starts a replica beside a <see cref="TestHost"/> on its database, and returns once it is ready: it shares the
    /// master key, and may tell programs on this machine.
    /// </summary>
    public static Task<QuoinProcess> ServeBeside(TestDatabase database) => Serve(
        ["serve", "--port", "0"],
        new()
        {
            ["QUOIN_DATABASE"] = database.ConnectionString,
            ["QUOIN_MASTER_KEY"] = TestHost.MasterKey,
            ["QUOIN_WEBHOOKS_TO_PRIVATE_NETWORKS"] = "allow",
        });
}
