using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Finds who stands behind a key: its maker, or the maker of the key that made it, and so on.</summary>
internal sealed class FindKeyOrigin(NpgsqlDataSource database)
{
    private const string MakerSql = """
        select created_by
        from accounts.keys
        where org_id = $1
            and key_id = $2
        """;

    public async Task<string> Handle(string actor, CancellationToken cancellationToken)
    {
        // A key is made by one that is older, so the line ends; the limit is against a table somebody changed by hand.
        var origin = actor;
        for (var depth = 0; depth < Limits.KeyLineLengthMax && Id.TryParse<KeyId>(origin, out var key); depth++)
        {
            await using var command = database.Sql(MakerSql, PlatformOrg.Id.Value, key.Value);
            if (await command.ExecuteScalarAsync(cancellationToken) is not string maker || !IsSomebody(maker))
            {
                return origin;
            }

            origin = maker;
        }

        return origin;
    }

    // Keys made by the command line or a test name a program, which stands for nobody.
    private static bool IsSomebody(string maker) =>
        Id.TryParse<KeyId>(maker, out _) || Id.TryParse<UserId>(maker, out _);
}
