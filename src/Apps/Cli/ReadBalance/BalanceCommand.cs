using System.CommandLine;
using Spectre.Console;

namespace Quoin.Cli;

/// <summary><c>quoin balance</c>: what the organisation's billing accounts have and owe.</summary>
internal static class BalanceCommand
{
    public static Command Create()
    {
        var command = new Command("balance", "Show what each billing account has and owes.");
        command.AddConnection();
        command.SetWork(Show);
        return command;
    }

    private static async Task<int> Show(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var api = new ApiClient(parsed.Connection(), TimeProvider.System);
        var balances = await api.Get<PageAnswer<BalanceAnswer>>("/v1/balance", cancellationToken);
        var table = OutputTable.Of("billing account", "available", "overdraft", "receivable", "used");
        foreach (var balance in balances.Data)
        {
            table.AddRow(
                new Text(balance.BillingAccount),
                OutputTable.Right(balance.Available.ToString()),
                OutputTable.Right(balance.Overdraft.ToString()),
                OutputTable.Right(balance.Receivable.ToString()),
                OutputTable.Right(balance.Used.ToString()));
        }

        OutputTable.Write(table, "Nothing was used or granted yet.");
        return ExitCodes.Done;
    }
}
