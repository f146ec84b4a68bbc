using Quoin.Kernel;

namespace Quoin.Tests.Simulation.Books;

internal sealed class BooksEnd(BooksDatabase database, IReadOnlyList<Organisation> orgs)
{
    public async Task Check(Replica replica)
    {
        await BooksComparison.RequireSame(database, orgs, null);
    }
}
